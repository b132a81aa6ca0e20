// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace clippath {

// Texts and words of a byte-level BPE that has the words of GPT-2 (Radford et al. 2019, "Language
// models are unsupervised multitask learners"), as `tokenizers` cuts them.

/// Decomposed (NFD), without marks, in lower case, letter by letter, and with a space before the
/// first word. Pure; linear but for long rows of marks, n log n.
/// @param text  UTF-8; malformed bytes count as U+FFFD.
std::u32string clean_byte_bpe_text(std::string_view text);

/// Where the word ends that begins at `begin`: an English contraction ('s, 'll); a row of letters,
/// of numbers or of other signs, each with one space before it; else white space, whose last
/// character is left for the word behind it.
/// @param begin  less than text.size().
/// @return       above `begin`.
std::size_t end_of_gpt2_word(std::u32string_view text, std::size_t begin);

}  // namespace clippath
