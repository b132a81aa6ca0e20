// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace clippath {

// The character references that Python's html.unescape replaces, sorted.

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

}  // namespace clippath
