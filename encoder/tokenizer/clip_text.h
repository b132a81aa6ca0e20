// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace clippath {

/// Two programs cut the texts of CLIP in two ways, and a model knows the one that it was trained
/// with.
enum class ClipRules : std::uint8_t {
  kHuggingFace,  ///< CLIPTokenizerFast: NFC, white space to spaces, lower case
  kOpenClip      ///< open_clip: character references, white space, Python's lower case; no ftfy
};

/// Text with `html.unescape` twice and every white space of Python as one space, none at the ends:
/// what open_clip does to the texts of all its models. Its ftfy, which guesses at wrong encodings,
/// is left out.
std::u32string open_clip_text(std::string_view text);

/// Cleans a text and puts it into lower case. Pure; linear.
/// @param text  UTF-8; malformed bytes count as U+FFFD.
std::u32string clean_clip_text(std::string_view text, ClipRules rules);

/// Where the word ends that begins at `begin`: an English contraction ('s, 'll), a row of letters,
/// one digit, or a row of other signs; white space belongs to none.
/// @param text  of clean_clip_text, with the same rules.
/// @return  `begin` if no word begins there.
std::size_t end_of_clip_word(std::u32string_view text, std::size_t begin, ClipRules rules);

}  // namespace clippath
