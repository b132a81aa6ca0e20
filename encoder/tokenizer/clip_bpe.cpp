// SPDX-License-Identifier: Apache-2.0
#include "encoder/tokenizer/clip_bpe.h"

#include <algorithm>

#include "encoder/tokenizer/outer_tokens.h"
#include "encoder/tokenizer/unicode.h"

namespace clippath {

Result<ClipBpeTokenizer> ClipBpeTokenizer::make(BpeVocabulary vocabulary, const ClipTokens& tokens,
                                                ClipRules rules, SpecialTokens special) {
  ClipBpeTokenizer tokenizer(std::move(vocabulary), rules);
  CLIPPATH_TRY(tokenizer.start_id_, tokenizer.vocabulary_.find_special(tokens.start));
  CLIPPATH_TRY(tokenizer.end_id_, tokenizer.vocabulary_.find_special(tokens.end));
  std::vector<SpecialMatcher::Token> matched = {{tokens.start, tokenizer.start_id_},
                                                {tokens.end, tokenizer.end_id_}};
  if (rules == ClipRules::kHuggingFace) {
    CLIPPATH_TRY(tokenizer.padding_id_, tokenizer.vocabulary_.find_special(tokens.padding));
    matched.emplace_back(tokens.padding, tokenizer.padding_id_);
  }
  if (special == SpecialTokens::kMatch) tokenizer.matcher_ = SpecialMatcher(std::move(matched));
  return tokenizer;
}

std::vector<std::int64_t> ClipBpeTokenizer::encode(std::string_view text,
                                                   std::size_t max_tokens) const {
  return encode_between(start_id_, end_id_, max_tokens, [&](std::size_t enough, auto& ids) {
    if (rules_ == ClipRules::kOpenClip) return append_text(text, matcher_, enough, ids);
    matcher_.append(text, enough, ids, [&](std::string_view between, std::size_t most, auto& all) {
      append_text(between, SpecialMatcher(), most, all);
    });
  });
}

/// @param matcher  of tokens that are looked for where a word may begin, in the cleaned text.
void ClipBpeTokenizer::append_text(std::string_view text, const SpecialMatcher& matcher,
                                   std::size_t enough, std::vector<std::int64_t>& ids) const {
  const std::u32string clean = clean_clip_text(text, rules_);
  for (std::size_t begin = 0; begin < clean.size() && ids.size() < enough;) {
    const std::string start = to_utf8(clean, begin, begin + matcher.longest());
    if (const auto* token = matcher.at_begin(start)) {
      ids.push_back(token->second);
      begin += decode(token->first).size();
      continue;
    }
    const std::size_t end = end_of_clip_word(clean, begin, rules_);
    if (end > begin) vocabulary_.append_word(to_utf8(clean, begin, end), ids);
    begin = std::max(end, begin + 1);
  }
}

}  // namespace clippath
