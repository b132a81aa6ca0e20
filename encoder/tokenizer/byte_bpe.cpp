// SPDX-License-Identifier: Apache-2.0
#include "encoder/tokenizer/byte_bpe.h"

#include "encoder/tokenizer/byte_bpe_text.h"
#include "encoder/tokenizer/outer_tokens.h"
#include "encoder/tokenizer/unicode.h"

namespace clippath {

Result<ByteBpeTokenizer> ByteBpeTokenizer::make(BpeVocabulary vocabulary,
                                                const ByteBpeTokens& tokens,
                                                SpecialTokens special) {
  ByteBpeTokenizer tokenizer(std::move(vocabulary));
  CLIPPATH_TRY(tokenizer.start_id_, tokenizer.vocabulary_.find_special(tokens.start));
  CLIPPATH_TRY(tokenizer.end_id_, tokenizer.vocabulary_.find_special(tokens.end));
  CLIPPATH_TRY(tokenizer.padding_id_, tokenizer.vocabulary_.find_special(tokens.padding));
  std::vector<SpecialMatcher::Token> matched;
  for (const std::string& token : tokens.added) {
    CLIPPATH_TRY(const std::int64_t id, tokenizer.vocabulary_.find_special(token));
    const bool outer =
        id == tokenizer.start_id_ || id == tokenizer.end_id_ || id == tokenizer.padding_id_;
    if (special == SpecialTokens::kMatch || !outer) matched.emplace_back(token, id);
  }
  tokenizer.matcher_ = SpecialMatcher(std::move(matched));
  return tokenizer;
}

std::vector<std::int64_t> ByteBpeTokenizer::encode(std::string_view text,
                                                   std::size_t max_tokens) const {
  return encode_between(start_id_, end_id_, max_tokens, [&](std::size_t enough, auto& ids) {
    matcher_.append(text, enough, ids, [&](std::string_view between, std::size_t most, auto& all) {
      append_text(between, most, all);
    });
  });
}

void ByteBpeTokenizer::append_text(std::string_view text, std::size_t enough,
                                   std::vector<std::int64_t>& ids) const {
  const std::u32string clean = clean_byte_bpe_text(text);
  for (std::size_t begin = 0; begin < clean.size() && ids.size() < enough;) {
    const std::size_t end = end_of_gpt2_word(clean, begin);
    vocabulary_.append_word(to_utf8(clean, begin, end), ids);
    begin = end;
  }
}

}  // namespace clippath
