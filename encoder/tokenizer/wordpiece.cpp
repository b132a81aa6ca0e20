// SPDX-License-Identifier: Apache-2.0
#include "encoder/tokenizer/wordpiece.h"

#include <algorithm>

#include "encoder/tokenizer/clip_text.h"
#include "encoder/tokenizer/outer_tokens.h"
#include "encoder/tokenizer/unicode.h"

namespace clippath {
namespace {

constexpr std::size_t kMaxWordCharacters = 100;

bool is_continuation_byte(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

std::string open_clip_utf8(std::string_view text) {
  std::string bytes;
  for (char32_t code : open_clip_text(text)) append_utf8(bytes, code);
  return bytes;
}

}  // namespace

Result<WordPieceTokenizer> WordPieceTokenizer::make(Vocabulary vocabulary,
                                                    const WordPieceTokens& tokens,
                                                    const SplitRules& rules,
                                                    SpecialTokens special) {
  WordPieceTokenizer tokenizer(std::move(vocabulary), rules);
  std::vector<SpecialMatcher::Token> matched;
  const auto look_up = [&](const std::string& token) -> Result<std::int64_t> {
    const auto id = tokenizer.vocabulary_.find(token);
    if (!id || token.empty()) {
      return fail(ErrorKind::kInvalidArgument,
                  "the vocabulary lacks the special token '" + token + "'");
    }
    matched.emplace_back(token, *id);
    return *id;
  };
  CLIPPATH_TRY(tokenizer.unknown_id_, look_up(tokens.unknown));
  CLIPPATH_TRY(tokenizer.separator_id_, look_up(tokens.separator));
  CLIPPATH_TRY(tokenizer.padding_id_, look_up(tokens.padding));
  CLIPPATH_TRY(tokenizer.classification_id_, look_up(tokens.classification));
  CLIPPATH_TRY([[maybe_unused]] const std::int64_t mask_id, look_up(tokens.mask));
  if (special == SpecialTokens::kMatch) tokenizer.matcher_ = SpecialMatcher(std::move(matched));
  return tokenizer;
}

std::vector<std::int64_t> WordPieceTokenizer::encode(std::string_view text,
                                                     std::size_t max_tokens) const {
  const std::string cleaned = rules_.unescape_html ? open_clip_utf8(text) : std::string();
  const std::string_view whole = rules_.unescape_html ? std::string_view(cleaned) : text;
  return encode_between(classification_id_, separator_id_, max_tokens,
                        [&](std::size_t enough, auto& ids) {
                          matcher_.append(whole, enough, ids,
                                          [&](std::string_view between, std::size_t most,
                                              auto& all) { append_text(between, most, all); });
                        });
}

void WordPieceTokenizer::append_text(std::string_view text, std::size_t enough,
                                     std::vector<std::int64_t>& ids) const {
  for (const Word& word : split_words(text, rules_)) {
    if (ids.size() >= enough) return;
    append_word(word, ids);
  }
}

void WordPieceTokenizer::append_word(const Word& word, std::vector<std::int64_t>& ids) const {
  const std::size_t before = ids.size();
  const std::string_view text = word.text;
  std::size_t begin = word.characters > kMaxWordCharacters ? text.size() : 0;
  bool complete = begin == 0;
  while (begin < text.size()) {
    std::size_t length = std::min(text.size() - begin, vocabulary_.longest_piece_bytes());
    std::optional<std::int64_t> id;
    for (; length > 0; --length) {
      const std::size_t end = begin + length;
      if (end < text.size() && is_continuation_byte(text[end])) continue;
      const std::string_view piece = text.substr(begin, length);
      id = begin == 0 ? vocabulary_.find(piece) : vocabulary_.find_continuation(piece);
      if (id) break;
    }
    if (!id) {
      complete = false;
      break;
    }
    ids.push_back(*id);
    begin += length;
  }
  if (!complete) {
    ids.resize(before);
    ids.push_back(unknown_id_);
  }
}

}  // namespace clippath
