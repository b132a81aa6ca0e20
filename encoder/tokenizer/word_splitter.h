// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace clippath {

struct SplitRules {
  bool lower_case = true;
  bool strip_accents = true;
  bool split_ideographs = true;
  bool unescape_html = false;  ///< before all else, as open_clip does to the texts of every model
};

/// A word after cleaning: no white space; punctuation and ideographs stand alone.
struct Word {
  std::string text;  ///< UTF-8
  std::size_t characters = 0;
};

/// Cleans and splits text as BertNormalizer and BertPreTokenizer of `tokenizers` do: drops U+0000,
/// U+FFFD and controls; spaces around ideographs; canonical decomposition without non-spacing
/// marks; lower case; splits at white space and at punctuation. Pure.
std::vector<Word> split_words(std::string_view text, const SplitRules& rules);

}  // namespace clippath
