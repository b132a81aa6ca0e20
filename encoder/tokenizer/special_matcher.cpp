// SPDX-License-Identifier: Apache-2.0
#include "encoder/tokenizer/special_matcher.h"

#include <algorithm>

namespace clippath {

SpecialMatcher::SpecialMatcher(std::vector<Token> tokens) : tokens_(std::move(tokens)) {
  std::stable_sort(tokens_.begin(), tokens_.end(),
                   [](const Token& a, const Token& b) { return a.first.size() > b.first.size(); });
}

const SpecialMatcher::Token* SpecialMatcher::at_begin(std::string_view text) const {
  for (const Token& token : tokens_) {
    if (text.starts_with(token.first)) return &token;
  }
  return nullptr;
}

std::vector<SpecialMatcher::Segment> SpecialMatcher::split(std::string_view text) const {
  std::vector<Segment> segments;
  std::size_t begin = 0;
  const auto end_text = [&](std::size_t end) {
    if (end > begin) segments.push_back({text.substr(begin, end - begin), std::nullopt});
  };
  for (std::size_t i = 0; i < text.size() && !tokens_.empty();) {
    const Token* token = at_begin(text.substr(i));
    if (token == nullptr) {
      ++i;
      continue;
    }
    end_text(i);
    segments.push_back({text.substr(i, token->first.size()), token->second});
    i += token->first.size();
    begin = i;
  }
  end_text(text.size());
  return segments;
}

}  // namespace clippath
