// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "clippath/core/result.h"

namespace clippath {

/// The pieces of a byte-level BPE, and the pairs that join, in the order in which they do.
/// Immutable: share freely.
class BpeVocabulary {
 public:
  using Piece = std::pair<std::string, std::int64_t>;
  using Pair = std::pair<std::string, std::string>;

  /// The pairs of `merges.txt`: a line each, behind a line with the version. Fails:
  /// kInvalidArgument naming the line.
  static Result<std::vector<Pair>> parse_merges(std::string_view text);

  /// "i n". Fails: kInvalidArgument.
  static Result<Pair> parse_pair(std::string_view line);

  /// @param pieces  with their numbers; bytes spelled in the alphabet of GPT-2.
  /// @param merges  the pair that joins first comes first.
  /// @param word_end  what pieces at the end of a word end with: `</w>` in CLIP; may be empty.
  /// Fails: kInvalidArgument naming the piece, if one of the bytes or of the pairs is missing, or
  /// if a number is negative, too large or given twice.
  static Result<BpeVocabulary> make(const std::vector<Piece>& pieces,
                                    const std::vector<Pair>& merges, const std::string& word_end);

  /// A piece as the file spells it.
  [[nodiscard]] std::optional<std::int64_t> find(const std::string& piece) const;

  /// A special token. Fails: kInvalidArgument naming it.
  [[nodiscard]] Result<std::int64_t> find_special(const std::string& token) const;

  /// The pieces of one word, joined as long as a pair of neighbours joins, the earliest pair of the
  /// list first and from the left. Takes n log n for a word of n bytes.
  /// @param word  not empty.
  void append_word(std::string_view word, std::vector<std::int64_t>& ids) const;

  /// One more than the largest number.
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  struct Merge {
    std::int32_t rank;
    std::int32_t id;
  };
  class Word;

  [[nodiscard]] const Merge* find_merge(std::int32_t left, std::int32_t right) const;

  std::unordered_map<std::string, std::int32_t> pieces_;
  std::unordered_map<std::uint64_t, Merge> merges_;  ///< by both numbers
  std::array<std::int32_t, 256> bytes_{};
  std::array<std::int32_t, 256> last_bytes_{};  ///< at the end of a word
  std::size_t size_ = 0;
};

}  // namespace clippath
