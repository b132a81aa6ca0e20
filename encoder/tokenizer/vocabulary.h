// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "clippath/core/result.h"

namespace clippath {

/// The word pieces of `vocab.txt`: the number of a piece is its line, from 0. Immutable: share
/// freely.
class Vocabulary {
 public:
  /// @param text  one piece a line; where a piece stands twice, the later line counts.
  /// Fails: kInvalidArgument if there is no piece.
  static Result<Vocabulary> parse(const std::string& text);

  /// @param pieces  with their numbers.
  /// Fails: kInvalidArgument if there is none, or naming one whose number is negative or too large.
  static Result<Vocabulary> make(const std::vector<std::pair<std::string, std::int64_t>>& pieces);

  /// A piece as the file spells it.
  [[nodiscard]] std::optional<std::int64_t> find(std::string_view piece) const;

  /// A piece within a word, given without its "##".
  [[nodiscard]] std::optional<std::int64_t> find_continuation(std::string_view piece) const;

  /// One more than the largest number.
  [[nodiscard]] std::size_t size() const { return size_; }

  /// No piece is longer than this; a limit for the search for the longest match.
  [[nodiscard]] std::size_t longest_piece_bytes() const { return longest_piece_bytes_; }

 private:
  void add(std::string_view piece, std::int64_t number);

  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  using Numbers = std::unordered_map<std::string, std::int64_t, TextHash, std::equal_to<>>;

  Numbers pieces_;
  Numbers continuations_;
  std::size_t size_ = 0;
  std::size_t longest_piece_bytes_ = 0;
};

}  // namespace clippath
