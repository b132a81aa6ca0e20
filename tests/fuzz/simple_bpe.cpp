// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/simple_bpe.h"

#include <utility>

#include "clippath/core/check.h"
#include "encoder/tokenizer/unicode.h"

namespace clippath::fuzz {
namespace {

constexpr std::size_t kMostJoined = 64;  // bytes of a word

}  // namespace

SimpleBpe::SimpleBpe(const std::vector<BpeVocabulary::Piece>& pieces,
                     const std::vector<BpeVocabulary::Pair>& merges, std::string word_end)
    : pieces_(pieces.begin(), pieces.end()), word_end_(std::move(word_end)) {
  std::size_t rank = 0;
  for (const auto& pair : merges) ranks_[pair] = rank++;
  char32_t next = 0x100;
  for (char32_t byte = 0; byte < 256; ++byte) {
    const bool prints = (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD);
    append_utf8(alphabet_[byte], prints ? byte : next++);
  }
  for (const auto& [piece, number] : pieces_) spelled_[number] = piece;
}

void SimpleBpe::check_word(std::string_view word, std::span<const std::int64_t> ids,
                           std::size_t& next) const {
  const std::string wanted = spell(word);
  std::string spelled;
  std::vector<std::int64_t> pieces;
  while (spelled.size() < wanted.size()) {
    CLIPPATH_CHECK(next < ids.size());
    pieces.push_back(ids[next++]);
    spelled += spelled_.at(pieces.back());
  }
  CLIPPATH_CHECK(spelled == wanted);
  if (word.size() <= kMostJoined) CLIPPATH_CHECK(pieces == encode(word));
}

std::string SimpleBpe::spell(std::string_view word) const {
  std::string text;
  for (char byte : word) text += alphabet_[static_cast<unsigned char>(byte)];
  return text + word_end_;
}

std::vector<std::int64_t> SimpleBpe::encode(std::string_view word) const {
  std::vector<std::string> parts;
  for (char byte : word) parts.push_back(alphabet_[static_cast<unsigned char>(byte)]);
  parts.back() += word_end_;
  for (;;) {
    std::size_t best = ranks_.size();
    std::size_t place = 0;
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
      const auto found = ranks_.find({parts[i], parts[i + 1]});
      if (found == ranks_.end() || found->second >= best) continue;
      best = found->second;
      place = i;
    }
    if (best == ranks_.size()) break;
    parts[place] += parts[place + 1];
    parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(place) + 1);
  }
  std::vector<std::int64_t> ids;
  for (const std::string& part : parts) ids.push_back(pieces_.at(part));
  return ids;
}

}  // namespace clippath::fuzz
