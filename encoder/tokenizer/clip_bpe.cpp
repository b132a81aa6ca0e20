// SPDX-License-Identifier: Apache-2.0
#include "encoder/tokenizer/clip_bpe.h"

#include <algorithm>
#include <limits>

#include "clippath/core/check.h"
#include "encoder/tokenizer/unicode.h"

namespace clippath {
namespace {

/// The code points from `begin` to `end` as UTF-8.
std::string to_utf8(std::u32string_view text, std::size_t begin, std::size_t end) {
  std::string bytes;
  for (char32_t code : text.substr(begin, end - begin)) append_utf8(bytes, code);
  return bytes;
}

}  // namespace

Result<ClipBpeTokenizer> ClipBpeTokenizer::make(BpeVocabulary vocabulary, const ClipTokens& tokens,
                                                ClipRules rules, SpecialTokens special) {
  ClipBpeTokenizer tokenizer(std::move(vocabulary), rules);
  const auto look_up = [&](const std::string& token) -> Result<std::int64_t> {
    const auto id = tokenizer.vocabulary_.find(token);
    if (id && !token.empty()) return *id;
    return fail(ErrorKind::kInvalidArgument,
                "the vocabulary lacks the special token '" + token + "'");
  };
  CLIPPATH_TRY(tokenizer.start_id_, look_up(tokens.start));
  CLIPPATH_TRY(tokenizer.end_id_, look_up(tokens.end));
  std::vector<SpecialMatcher::Token> matched = {{tokens.start, tokenizer.start_id_},
                                                {tokens.end, tokenizer.end_id_}};
  if (rules == ClipRules::kHuggingFace) {
    CLIPPATH_TRY(tokenizer.padding_id_, look_up(tokens.padding));
    matched.emplace_back(tokens.padding, tokenizer.padding_id_);
  }
  if (special == SpecialTokens::kMatch) tokenizer.matcher_ = SpecialMatcher(std::move(matched));
  return tokenizer;
}

std::vector<std::int64_t> ClipBpeTokenizer::encode(std::string_view text,
                                                   std::size_t max_tokens) const {
  CLIPPATH_CHECK(max_tokens != 1);  // the two outer tokens must fit
  const std::size_t room =
      max_tokens == 0 ? std::numeric_limits<std::size_t>::max() : max_tokens - 1;
  std::vector<std::int64_t> ids = {start_id_};
  if (rules_ == ClipRules::kOpenClip) {
    append_text(text, matcher_, room, ids);
  } else {
    matcher_.append(text, room, ids, [&](std::string_view between, std::size_t enough, auto& all) {
      append_text(between, SpecialMatcher(), enough, all);
    });
  }
  if (ids.size() > room) ids.resize(room);
  ids.push_back(end_id_);
  return ids;
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
