// SPDX-License-Identifier: Apache-2.0
#include "encoder/tokenizer/byte_bpe_text.h"

#include <algorithm>
#include <array>

#include "encoder/tokenizer/unicode.h"

namespace clippath {
namespace {

constexpr std::array<std::u32string_view, 7> kContractions = {U"'s", U"'t",  U"'re", U"'ve",
                                                              U"'m", U"'ll", U"'d"};

bool is_sign(char32_t code) {
  return !is_white_space(code) && !is_letter(code) && !is_number(code);
}

/// The end of a row of characters of one class.
std::size_t end_of_row(std::u32string_view text, std::size_t begin, bool (*belongs)(char32_t)) {
  const auto first = text.begin() + static_cast<std::ptrdiff_t>(begin);
  return static_cast<std::size_t>(std::find_if_not(first, text.end(), belongs) - text.begin());
}

}  // namespace

std::u32string clean_byte_bpe_text(std::string_view text) {
  std::u32string clean = U" ";
  for (char32_t code : decompose(decode(text))) {
    if (!is_mark(code)) append_lower(clean, code);
  }
  const bool has_space = clean.size() == 1 || clean[1] == U' ';
  if (has_space) clean.erase(0, 1);
  return clean;
}

std::size_t end_of_gpt2_word(std::u32string_view text, std::size_t begin) {
  for (const auto contraction : kContractions) {
    if (text.substr(begin).starts_with(contraction)) return begin + contraction.size();
  }
  const std::size_t row = begin + (text[begin] == U' ' ? 1 : 0);
  for (const auto belongs : {is_letter, is_number, is_sign}) {
    if (const std::size_t end = end_of_row(text, row, belongs); end > row) return end;
  }
  const std::size_t end = end_of_row(text, begin, is_white_space);
  return end == text.size() || end == begin + 1 ? end : end - 1;
}

}  // namespace clippath
