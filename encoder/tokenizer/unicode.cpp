// SPDX-License-Identifier: Apache-2.0
#include "encoder/tokenizer/unicode.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "clippath/core/check.h"
#include "encoder/tokenizer/find_range.h"
#include "encoder/tokenizer/rust_ranges.h"

namespace clippath {
namespace {

struct Block {
  char32_t first;
  char32_t last;
};

constexpr std::array<Block, 8> kIdeographs = {{{0x4E00, 0x9FFF},
                                               {0x3400, 0x4DBF},
                                               {0x20000, 0x2A6DF},
                                               {0x2A700, 0x2B73F},
                                               {0x2B740, 0x2B81F},
                                               {0x2B920, 0x2CEAF},
                                               {0xF900, 0xFAFF},
                                               {0x2F800, 0x2FA1F}}};

utf8proc_category_t category(char32_t code) {
  return utf8proc_category(static_cast<utf8proc_int32_t>(code));
}

bool is_category_c(char32_t code) {
  switch (category(code)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO: return true;
    default: return false;  // the other categories of a closed outside list
  }
}

bool is_category_p(char32_t code) {
  switch (category(code)) {
    case UTF8PROC_CATEGORY_PC:
    case UTF8PROC_CATEGORY_PD:
    case UTF8PROC_CATEGORY_PS:
    case UTF8PROC_CATEGORY_PE:
    case UTF8PROC_CATEGORY_PI:
    case UTF8PROC_CATEGORY_PF:
    case UTF8PROC_CATEGORY_PO: return true;
    default: return false;
  }
}

bool is_category_m(char32_t code) {
  switch (category(code)) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME: return true;
    default: return false;
  }
}

bool is_category_l(char32_t code) {
  switch (category(code)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO: return true;
    default: return false;
  }
}

bool is_category_n(char32_t code) {
  switch (category(code)) {
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO: return true;
    default: return false;
  }
}

/// The library's answer where it may be another than that of utf8proc.
bool as_in_rust(std::span<const ChangedRange> ranges, char32_t code, bool otherwise) {
  if (code < 0x80) return otherwise;
  const ChangedRange* changed = find_range(ranges, code);
  return changed != nullptr ? changed->holds : otherwise;
}

int combining_class(char32_t code) {
  const int known = utf8proc_get_property(static_cast<utf8proc_int32_t>(code))->combining_class;
  return known != 0 && !as_in_rust(rust_ordered(), code, true) ? 0 : known;
}

/// Canonical order. utf8proc has it too, by insertion: quadratic for a long row of marks.
void sort_marks(std::u32string& codes) {
  const auto is_starter = [](char32_t code) { return combining_class(code) == 0; };
  for (auto begin = codes.begin(); begin != codes.end();) {
    begin = std::find_if_not(begin, codes.end(), is_starter);
    const auto end = std::find_if(begin, codes.end(), is_starter);
    std::stable_sort(
        begin, end, [](char32_t a, char32_t b) { return combining_class(a) < combining_class(b); });
    begin = end;
  }
}

/// What utf8proc would compose or pass over, and the library does not.
bool composes_with_nothing(char32_t code) {
  constexpr char32_t kSecondHalf = 0x11930;  // of U+11938, which the library does not know
  // One before the first final consonant of Hangul; utf8proc 2.8 takes it for one and drops it.
  constexpr char32_t kNoFinalConsonant = 0x11A7;
  return code == kSecondHalf || code == kNoFinalConsonant ||
         !as_in_rust(rust_ordered(), code, true);
}

/// @param codes  decomposed, in canonical order.
void append_composed(std::u32string& text, std::u32string codes) {
  static_assert(sizeof(char32_t) == sizeof(utf8proc_int32_t));
  const auto count =
      utf8proc_normalize_utf32(reinterpret_cast<utf8proc_int32_t*>(codes.data()),
                               static_cast<utf8proc_ssize_t>(codes.size()),
                               static_cast<utf8proc_option_t>(UTF8PROC_COMPOSE | UTF8PROC_STABLE));
  CLIPPATH_CHECK(count >= 0 && static_cast<std::size_t>(count) <= codes.size());
  text.append(codes, 0, static_cast<std::size_t>(count));
}

const utf8proc_uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const utf8proc_uint8_t*>(text.data());
}

}  // namespace

char32_t decode_utf8(std::string_view text, std::size_t& position) {
  utf8proc_int32_t code = -1;
  const auto left = static_cast<utf8proc_ssize_t>(text.size() - position);
  const utf8proc_ssize_t length = utf8proc_iterate(bytes_of(text) + position, left, &code);
  if (length <= 0 || code < 0) {
    ++position;
    return kReplacementCharacter;
  }
  position += static_cast<std::size_t>(length);
  return static_cast<char32_t>(code);
}

void append_utf8(std::string& text, char32_t code) {
  std::array<utf8proc_uint8_t, 4> bytes{};
  const auto length = utf8proc_encode_char(static_cast<utf8proc_int32_t>(code), bytes.data());
  for (utf8proc_ssize_t i = 0; i < length; ++i) {
    text.push_back(static_cast<char>(bytes[static_cast<std::size_t>(i)]));
  }
}

std::string to_utf8(std::u32string_view text, std::size_t begin, std::size_t end) {
  std::string bytes;
  for (char32_t code : text.substr(begin, end - begin)) append_utf8(bytes, code);
  return bytes;
}

bool is_bert_control(char32_t code) {
  if (code == '\t' || code == '\n' || code == '\r') return false;
  return as_in_rust(rust_controls(), code, is_category_c(code));
}

bool is_white_space(char32_t code) {
  if (code >= '\t' && code <= '\r') return true;
  if (code == 0x85) return true;
  switch (category(code)) {
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP: return true;
    default: return false;
  }
}

bool is_bert_punctuation(char32_t code) {
  if (code < 0x80) {
    return (code >= 33 && code <= 47) || (code >= 58 && code <= 64) || (code >= 91 && code <= 96) ||
           (code >= 123 && code <= 126);
  }
  return as_in_rust(rust_punctuation(), code, is_category_p(code));
}

bool is_bert_ideograph(char32_t code) {
  return std::any_of(kIdeographs.begin(), kIdeographs.end(),
                     [&](const Block& block) { return code >= block.first && code <= block.last; });
}

bool is_nonspacing_mark(char32_t code) {
  return as_in_rust(rust_nonspacing_marks(), code, category(code) == UTF8PROC_CATEGORY_MN);
}

bool is_mark(char32_t code) { return as_in_rust(rust_marks(), code, is_category_m(code)); }

bool is_letter(char32_t code) { return as_in_rust(rust_letters(), code, is_category_l(code)); }

bool is_number(char32_t code) { return as_in_rust(rust_numbers(), code, is_category_n(code)); }

std::u32string decode(std::string_view text) {
  std::u32string codes;
  codes.reserve(text.size());
  for (std::size_t position = 0; position < text.size();) {
    codes.push_back(decode_utf8(text, position));
  }
  return codes;
}

std::u32string decompose(std::u32string_view text) {
  std::u32string codes;
  codes.reserve(text.size());
  std::array<utf8proc_int32_t, 4> parts{};  // the longest canonical decomposition
  for (char32_t code : text) {
    if (!as_in_rust(rust_decomposed(), code, true)) {
      codes.push_back(code);
      continue;
    }
    const auto count =
        utf8proc_decompose_char(static_cast<utf8proc_int32_t>(code), parts.data(),
                                utf8proc_ssize_t{parts.size()}, UTF8PROC_DECOMPOSE, nullptr);
    CLIPPATH_CHECK(count >= 0 && static_cast<std::size_t>(count) <= parts.size());
    codes.insert(codes.end(), parts.begin(), parts.begin() + count);
  }
  sort_marks(codes);
  return codes;
}

std::u32string compose(std::u32string_view text) {
  const std::u32string codes = decompose(text);
  std::u32string composed;
  composed.reserve(codes.size());
  for (auto begin = codes.begin(); begin != codes.end();) {
    const auto end = std::find_if(begin + 1, codes.end(), composes_with_nothing);
    append_composed(composed, std::u32string(begin, end));
    begin = end;
  }
  return composed;
}

void append_lower_unicode_14(std::u32string& text, char32_t code) {
  constexpr char32_t kCapitalDottedI = 0x130;
  constexpr char32_t kCombiningDotAbove = 0x307;
  if (code == kCapitalDottedI) {  // the only letter whose lower case is two code points
    text.push_back(U'i');
    text.push_back(kCombiningDotAbove);
    return;
  }
  text.push_back(static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(code))));
}

void append_lower(std::u32string& text, char32_t code) {
  const LowerRange* later = code < 0x80 ? nullptr : find_range(rust_lower(), code);
  if (later != nullptr) {
    text.push_back(later->lower + (code - later->first));
  } else {
    append_lower_unicode_14(text, code);
  }
}

}  // namespace clippath
