// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "encoder/tokenizer/bpe_vocabulary.h"

namespace clippath::fuzz {

/// A byte-level BPE as its paper has it: of all pairs of neighbours that join, the earliest of the
/// list does, again and again.
class SimpleBpe {
 public:
  /// @param word_end  what the last piece of a word ends with; may be empty.
  SimpleBpe(const std::vector<BpeVocabulary::Piece>& pieces,
            const std::vector<BpeVocabulary::Pair>& merges, std::string word_end);

  /// Aborts unless the numbers from `next` on are those of the word; moves `next` behind them. Of a
  /// long word only the spelling is checked, for joining takes the square of its length.
  /// @param word  not empty.
  void check_word(std::string_view word, std::span<const std::int64_t> ids,
                  std::size_t& next) const;

 private:
  [[nodiscard]] std::string spell(std::string_view word) const;
  [[nodiscard]] std::vector<std::int64_t> encode(std::string_view word) const;

  std::map<std::string, std::int64_t> pieces_;
  std::map<std::int64_t, std::string> spelled_;
  std::map<BpeVocabulary::Pair, std::size_t> ranks_;
  std::array<std::string, 256> alphabet_;
  std::string word_end_;
};

}  // namespace clippath::fuzz
