// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace clippath {

// Facts of Python's standard library that open_clip's tokenizer rests on; all tables are sorted.

/// A character reference without its "&": "amp;", and "amp" where HTML 5 allows that.
struct NamedReference {
  std::string_view name;
  char32_t first;
  char32_t second;  ///< 0: the reference stands for one character
};
std::span<const NamedReference> named_references();

/// Numbers that do not stand for the code point of that number.
struct NumberedReference {
  char32_t number;
  char32_t code;  ///< 0: the reference disappears
};
std::span<const NumberedReference> replaced_references();

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
