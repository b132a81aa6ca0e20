// SPDX-License-Identifier: Apache-2.0
#include "encoder/tokenizer/html_unescape.h"

#include <algorithm>
#include <optional>

#include "encoder/tokenizer/html_references.h"
#include "encoder/tokenizer/unicode.h"

namespace clippath {
namespace {

constexpr std::size_t kMaxName = 32;  // characters
constexpr char32_t kMaxCode = 0x10FFFF;

std::optional<unsigned> digit(char32_t code, unsigned base) {
  if (code >= '0' && code <= '9') return code - '0';
  if (base == 16 && code >= 'a' && code <= 'f') return code - 'a' + 10;
  if (base == 16 && code >= 'A' && code <= 'F') return code - 'A' + 10;
  return std::nullopt;
}

void append_number(char32_t number, std::u32string& out) {
  const auto table = replaced_references();
  const auto found = std::lower_bound(
      table.begin(), table.end(), number,
      [](const NumberedReference& row, char32_t wanted) { return row.number < wanted; });
  if (found != table.end() && found->number == number) {
    if (found->code != 0) out.push_back(found->code);
  } else if (number > kMaxCode || (number >= 0xD800 && number <= 0xDFFF)) {
    out.push_back(kReplacementCharacter);
  } else {
    out.push_back(number);
  }
}

/// @param text  behind "&#".
/// @return  how much of it the reference takes; 0: it is none.
std::size_t read_number(std::u32string_view text, std::u32string& out) {
  const bool hexadecimal = !text.empty() && (text[0] == 'x' || text[0] == 'X');
  const unsigned base = hexadecimal ? 16 : 10;
  const std::size_t begin = hexadecimal ? 1 : 0;
  std::size_t end = begin;
  char32_t number = 0;
  for (; end < text.size(); ++end) {
    const auto value = digit(text[end], base);
    if (!value) break;
    number = std::min<char32_t>(number * base + *value, kMaxCode + 1);
  }
  if (end == begin) return 0;
  append_number(number, out);
  return end < text.size() && text[end] == ';' ? end + 1 : end;
}

bool ends_name(char32_t code) {
  return code == '\t' || code == '\n' || code == '\f' || code == ' ' || code == '<' ||
         code == '&' || code == '#' || code == ';';
}

const NamedReference* find_name(std::string_view name) {
  const auto table = named_references();
  const auto found = std::lower_bound(
      table.begin(), table.end(), name,
      [](const NamedReference& row, std::string_view wanted) { return row.name < wanted; });
  return found != table.end() && found->name == name ? &*found : nullptr;
}

/// The longest beginning that is a name counts, so that "&notit" is "&not" and "it".
/// @param text  behind "&".
std::size_t read_name(std::u32string_view text, std::u32string& out) {
  std::string name;
  for (char32_t code : text.substr(0, kMaxName + 1)) {
    if (code == ';') name.push_back(';');
    // No name has a letter beyond ASCII; what stands behind it does not matter either.
    if (ends_name(code) || code >= 0x80 || name.size() == kMaxName) break;
    name.push_back(static_cast<char>(code));
  }
  for (; name.size() > 1; name.pop_back()) {
    const NamedReference* found = find_name(name);
    if (found == nullptr) continue;
    out.push_back(found->first);
    if (found->second != 0) out.push_back(found->second);
    return name.size();
  }
  return 0;
}

}  // namespace

std::u32string html_unescape(std::u32string_view text) {
  std::u32string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const char32_t code = text.front();
    text.remove_prefix(1);
    std::size_t taken = 0;
    if (code == '&') {
      taken = text.starts_with(U'#') ? read_number(text.substr(1), out) : read_name(text, out);
      if (taken > 0 && text.starts_with(U'#')) ++taken;
    }
    if (taken == 0) out.push_back(code);
    text.remove_prefix(taken);
  }
  return out;
}

}  // namespace clippath
