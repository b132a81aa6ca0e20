// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace clippath {

inline constexpr char32_t kReplacementCharacter = 0xFFFD;

/// Decodes the code point at `position` and moves behind it. Bytes that are not UTF-8 (also
/// surrogates, over-long forms) give U+FFFD, one byte at a time.
/// @param position  less than text.size().
char32_t decode_utf8(std::string_view text, std::size_t& position);

/// @param code  a Unicode scalar value.
void append_utf8(std::string& text, char32_t code);

/// The code points from `begin` to `end`, which may lie behind the last.
std::string to_utf8(std::u32string_view text, std::size_t begin, std::size_t end);

// The classes of characters below follow the Rust library `tokenizers` (BertNormalizer and
// BertPreTokenizer), by which the models that this program reads were trained; where it follows
// another version of Unicode than utf8proc, they do too (rust_ranges.h).

/// Controls, formats, private use and surrogates but tab and line ends. Code points that Unicode
/// has not assigned are not among them, unlike in the slow Python tokenizer.
bool is_bert_control(char32_t code);

/// The property White_Space.
bool is_white_space(char32_t code);

/// ASCII signs that are neither letter nor digit, or category P*.
bool is_bert_punctuation(char32_t code);

/// The blocks of CJK ideographs, with 2B920 where the block begins at 2B820, as in the reference.
bool is_bert_ideograph(char32_t code);

/// Category Mn.
bool is_nonspacing_mark(char32_t code);

/// Category M*: the marks that `tokenizers` takes off as accents outside BERT.
bool is_mark(char32_t code);

bool is_letter(char32_t code);  ///< category L*, of Unicode 16
bool is_number(char32_t code);  ///< category N*, of Unicode 16

/// All code points, malformed bytes as in decode_utf8.
std::u32string decode(std::string_view text);

/// Canonical decomposition with canonical order (NFD), of Unicode 9.
/// @param text  Unicode scalar values.
std::u32string decompose(std::u32string_view text);

/// Canonical composition (NFC), of Unicode 9.
/// @param text  Unicode scalar values.
std::u32string compose(std::u32string_view text);

/// Appends the lower-case form; one character at a time, so that a final sigma is like any other.
/// Of Unicode 17, as in the Rust library.
void append_lower(std::u32string& text, char32_t code);

/// The same of Unicode 14, as in Python 3.11, with which open_clip is compared.
void append_lower_unicode_14(std::u32string& text, char32_t code);

}  // namespace clippath
