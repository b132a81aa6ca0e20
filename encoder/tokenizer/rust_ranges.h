// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

namespace clippath {

// Where the Rust library `tokenizers` 0.23.3 tells code points apart otherwise than Unicode 14 or
// 17 does, between which lies the version of utf8proc; sorted, found by asking it about each.

struct ChangedRange {
  char32_t first;
  char32_t last;
  bool holds;  ///< in the library
};
std::span<const ChangedRange> rust_controls();
std::span<const ChangedRange> rust_punctuation();
std::span<const ChangedRange> rust_nonspacing_marks();
std::span<const ChangedRange> rust_marks();
std::span<const ChangedRange> rust_letters();
std::span<const ChangedRange> rust_numbers();
/// Whether the combining class is another than 0.
std::span<const ChangedRange> rust_ordered();
/// Whether there is a canonical decomposition.
std::span<const ChangedRange> rust_decomposed();

struct LowerRange {
  char32_t first;
  char32_t last;
  char32_t lower;  ///< of the first; the others follow it
};
std::span<const LowerRange> rust_lower();

}  // namespace clippath
