// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

namespace clippath {

// Which code points Python's str.lower and the package `regex` take for letters and numbers,
// sorted.

struct CodeRange {
  char32_t first;
  char32_t last;
};
/// Letters in front of or behind which a sigma is at the edge of a word.
std::span<const CodeRange> cased_ranges();
/// What is passed over when such a letter is sought.
std::span<const CodeRange> case_ignorable_ranges();
/// Letters and numbers of Unicode 15 to 17, which the tables of other libraries may not have yet.
std::span<const CodeRange> later_letter_ranges();
std::span<const CodeRange> later_number_ranges();

}  // namespace clippath
