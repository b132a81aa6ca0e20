// SPDX-License-Identifier: Apache-2.0
#include "encoder/tokenizer/bpe_vocabulary.h"

#include <algorithm>
#include <limits>
#include <queue>
#include <unordered_set>

#include "clippath/core/check.h"
#include "encoder/tokenizer/unicode.h"

namespace clippath {
namespace {

std::uint64_t key_of(std::int32_t left, std::int32_t right) {
  return (static_cast<std::uint64_t>(left) << 32U) | static_cast<std::uint32_t>(right);
}

/// GPT-2 spells a byte as the Latin-1 character of its number; those that do not print follow at
/// U+0100, in their order.
std::array<std::string, 256> byte_alphabet() {
  std::array<std::string, 256> alphabet;
  char32_t next = 0x100;
  for (char32_t byte = 0; byte < 256; ++byte) {
    const bool prints = (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD);
    append_utf8(alphabet[byte], prints ? byte : next++);
  }
  return alphabet;
}

Error missing(const std::string& piece) {
  return Error{ErrorKind::kInvalidArgument, "the vocabulary lacks the piece '" + piece + "'"};
}

}  // namespace

Result<BpeVocabulary::Pair> BpeVocabulary::parse_pair(std::string_view line) {
  const std::size_t space = line.find(' ');
  const bool two = space != std::string_view::npos && line.rfind(' ') == space;
  if (!two || space == 0 || space + 1 == line.size()) {
    return fail(ErrorKind::kInvalidArgument,
                std::string("'").append(line) + "' must be two pieces with one space between them");
  }
  return Pair{line.substr(0, space), line.substr(space + 1)};
}

Result<std::vector<BpeVocabulary::Pair>> BpeVocabulary::parse_merges(std::string_view text) {
  std::vector<Pair> pairs;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with("#version")) continue;
    CLIPPATH_TRY(auto pair, parse_pair(line));
    pairs.push_back(std::move(pair));
  }
  return pairs;
}

Result<BpeVocabulary> BpeVocabulary::make(const std::vector<Piece>& pieces,
                                          const std::vector<Pair>& merges,
                                          const std::string& word_end) {
  BpeVocabulary vocabulary;
  std::unordered_set<std::int64_t> numbers;
  vocabulary.pieces_.reserve(pieces.size());
  for (const auto& [piece, number] : pieces) {
    if (number < 0 || number > std::numeric_limits<std::int32_t>::max() ||
        !numbers.insert(number).second) {
      return fail(ErrorKind::kInvalidArgument, "the piece '" + piece + "' has the number " +
                                                   std::to_string(number) +
                                                   ", which is negative, too large or another's");
    }
    vocabulary.pieces_.emplace(piece, static_cast<std::int32_t>(number));
    vocabulary.size_ = std::max(vocabulary.size_, static_cast<std::size_t>(number) + 1);
  }
  const auto look_up = [&](const std::string& piece) -> Result<std::int32_t> {
    const auto found = vocabulary.pieces_.find(piece);
    if (found == vocabulary.pieces_.end()) return fail(missing(piece));
    return found->second;
  };
  const auto alphabet = byte_alphabet();
  for (std::size_t byte = 0; byte < alphabet.size(); ++byte) {
    CLIPPATH_TRY(vocabulary.bytes_[byte], look_up(alphabet[byte]));
    CLIPPATH_TRY(vocabulary.last_bytes_[byte], look_up(alphabet[byte] + word_end));
  }
  vocabulary.merges_.reserve(merges.size());
  std::int32_t rank = 0;
  for (const auto& [left, right] : merges) {
    CLIPPATH_TRY(const std::int32_t left_id, look_up(left));
    CLIPPATH_TRY(const std::int32_t right_id, look_up(right));
    CLIPPATH_TRY(const std::int32_t id, look_up(left + right));
    vocabulary.merges_.insert_or_assign(key_of(left_id, right_id), Merge{rank++, id});
  }
  return vocabulary;
}

std::optional<std::int64_t> BpeVocabulary::find(const std::string& piece) const {
  const auto found = pieces_.find(piece);
  if (found == pieces_.end()) return std::nullopt;
  return found->second;
}

Result<std::int64_t> BpeVocabulary::find_special(const std::string& token) const {
  const auto id = find(token);
  if (id && !token.empty()) return *id;
  return fail(ErrorKind::kInvalidArgument,
              "the vocabulary lacks the special token '" + token + "'");
}

const BpeVocabulary::Merge* BpeVocabulary::find_merge(std::int32_t left, std::int32_t right) const {
  const auto found = merges_.find(key_of(left, right));
  return found == merges_.end() ? nullptr : &found->second;
}

/// A word in the course of joining: a linked list of pieces, and the joins that may come next.
class BpeVocabulary::Word {
 public:
  Word(const BpeVocabulary& vocabulary, std::string_view text) : vocabulary_(vocabulary) {
    const std::size_t size = text.size();
    pieces_.reserve(size);
    for (std::size_t i = 0; i < size; ++i) {
      const auto byte = static_cast<unsigned char>(text[i]);
      const auto& ids = i + 1 == size ? vocabulary.last_bytes_ : vocabulary.bytes_;
      pieces_.push_back({ids[byte], i == 0 ? 0 : i - 1, i + 1});
    }
    for (std::size_t i = 0; i + 1 < size; ++i) note_join(i);
  }

  void join() {
    while (!joins_.empty()) {
      const Join join = joins_.top();
      joins_.pop();
      Piece& left = pieces_[join.left];
      if (left.id != join.left_id || left.next == pieces_.size()) continue;
      Piece& right = pieces_[left.next];
      if (right.id != join.right_id) continue;
      left.id = join.joined_id;
      right.id = kGone;
      left.next = right.next;
      if (left.next < pieces_.size()) pieces_[left.next].previous = join.left;
      if (left.next < pieces_.size()) note_join(join.left);
      if (left.previous != join.left) note_join(left.previous);
    }
  }

  void append_to(std::vector<std::int64_t>& ids) const {
    for (std::size_t i = 0; i < pieces_.size(); i = pieces_[i].next) ids.push_back(pieces_[i].id);
  }

 private:
  static constexpr std::int32_t kGone = -1;

  struct Piece {
    std::int32_t id;
    std::size_t previous;  ///< the first piece: itself
    std::size_t next;      ///< the last piece: the number of bytes
  };
  struct Join {
    std::int32_t rank;
    std::size_t left;
    std::int32_t left_id;
    std::int32_t right_id;
    std::int32_t joined_id;
    bool operator<(const Join& other) const {  // the queue hands out its largest
      return rank != other.rank ? rank > other.rank : left > other.left;
    }
  };

  void note_join(std::size_t left) {
    const std::int32_t left_id = pieces_[left].id;
    const std::int32_t right_id = pieces_[pieces_[left].next].id;
    const Merge* merge = vocabulary_.find_merge(left_id, right_id);
    if (merge != nullptr) joins_.push({merge->rank, left, left_id, right_id, merge->id});
  }

  const BpeVocabulary& vocabulary_;
  std::vector<Piece> pieces_;
  std::priority_queue<Join> joins_;
};

void BpeVocabulary::append_word(std::string_view word, std::vector<std::int64_t>& ids) const {
  CLIPPATH_CHECK(!word.empty());
  Word pieces(*this, word);
  pieces.join();
  pieces.append_to(ids);
}

}  // namespace clippath
