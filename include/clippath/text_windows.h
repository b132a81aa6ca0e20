// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "clippath/tokenizer.h"

namespace clippath {

inline constexpr std::size_t kLeastWindowTokens = 8;

/// A part of a text that a text tower can read whole.
struct TextWindow {
  std::vector<std::int64_t> ids;  ///< with the outer tokens, at most `max_tokens`
  std::size_t begin = 0;          ///< bytes of the text that the window stands for
  std::size_t end = 0;
  std::size_t weight = 0;  ///< tokens between the outer two
};

/// Cuts a long text into windows. A window ends behind the last sentence that fits as a whole,
/// else behind the last word, else between two characters; a window of a longer text has at most 64
/// bytes a token. The windows follow each other without
/// overlap and cover the text; a text that fits is one window, equal to `encode(text, max_tokens)`,
/// also if it is empty. The embedding of the text is the mean of the windows' by weight.
/// @param text  UTF-8.
/// @param max_tokens  at least kLeastWindowTokens.
std::vector<TextWindow> split_windows(std::string_view text, const Tokenizer& tokenizer,
                                      std::size_t max_tokens);

}  // namespace clippath
