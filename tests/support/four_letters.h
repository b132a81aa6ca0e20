// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "clippath/tokenizer.h"

namespace clippath::test {

/// A token for every four letters of a word, and one for every other sign.
class FourLetters : public Tokenizer {
 public:
  [[nodiscard]] std::vector<std::int64_t> encode(std::string_view text,
                                                 std::size_t max_tokens) const override {
    std::vector<std::int64_t> ids = {1};
    std::int64_t letters = 0;
    for (char c : text) {
      const bool letter = c >= 'a' && c <= 'z';
      letters = letter ? letters + 1 : 0;
      if (letter ? letters % 4 == 1 : c != ' ' && c != '\n') ids.push_back(c);
    }
    if (max_tokens > 0 && ids.size() > max_tokens - 1) ids.resize(max_tokens - 1);
    ids.push_back(2);
    return ids;
  }
  [[nodiscard]] std::int64_t pad_id() const override { return 0; }
  [[nodiscard]] std::size_t vocabulary_size() const override { return 256; }
};

}  // namespace clippath::test
