// SPDX-License-Identifier: Apache-2.0
#include "encoder/tokenizer/wordpiece.h"

#include <algorithm>
#include <limits>

#include "clippath/core/check.h"

namespace clippath {
namespace {

constexpr std::size_t kMaxWordCharacters = 100;

bool is_continuation_byte(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

}  // namespace

Result<WordPieceTokenizer> WordPieceTokenizer::make(Vocabulary vocabulary,
                                                    const SpecialTokens& special,
                                                    const SplitRules& rules) {
  WordPieceTokenizer tokenizer(std::move(vocabulary), rules);
  const auto look_up = [&](const std::string& token) -> Result<std::int64_t> {
    const auto id = tokenizer.vocabulary_.find(token);
    if (!id || token.empty()) {
      return fail(ErrorKind::kInvalidArgument,
                  "the vocabulary lacks the special token '" + token + "'");
    }
    tokenizer.special_.emplace_back(token, *id);
    return *id;
  };
  CLIPPATH_TRY(tokenizer.unknown_id_, look_up(special.unknown));
  CLIPPATH_TRY(tokenizer.separator_id_, look_up(special.separator));
  CLIPPATH_TRY(tokenizer.padding_id_, look_up(special.padding));
  CLIPPATH_TRY(tokenizer.classification_id_, look_up(special.classification));
  CLIPPATH_TRY([[maybe_unused]] const std::int64_t mask_id, look_up(special.mask));
  std::sort(tokenizer.special_.begin(), tokenizer.special_.end(),
            [](const Special& a, const Special& b) { return a.first.size() > b.first.size(); });
  return tokenizer;
}

std::vector<std::int64_t> WordPieceTokenizer::encode(std::string_view text,
                                                     std::size_t max_tokens) const {
  CLIPPATH_CHECK(max_tokens != 1);  // the two outer tokens must fit
  const std::size_t room =
      max_tokens == 0 ? std::numeric_limits<std::size_t>::max() : max_tokens - 1;
  std::vector<std::int64_t> ids = {classification_id_};
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size() && ids.size() < room;) {
    const Special* special = special_at(text.substr(i));
    if (special == nullptr) {
      ++i;
      continue;
    }
    append_text(text.substr(begin, i - begin), room, ids);
    ids.push_back(special->second);
    i += special->first.size();
    begin = i;
  }
  append_text(text.substr(begin), room, ids);
  if (ids.size() > room) ids.resize(room);
  ids.push_back(separator_id_);
  return ids;
}

const WordPieceTokenizer::Special* WordPieceTokenizer::special_at(std::string_view text) const {
  for (const Special& special : special_) {
    if (text.starts_with(special.first)) return &special;
  }
  return nullptr;
}

void WordPieceTokenizer::append_text(std::string_view text, std::size_t enough,
                                     std::vector<std::int64_t>& ids) const {
  if (text.empty()) return;
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
