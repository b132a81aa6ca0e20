// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/token_invariants.h"

#include <algorithm>

#include "clippath/core/check.h"
#include "clippath/text_windows.h"

namespace clippath::fuzz {
namespace {

void check_numbers(const Tokenizer& tokenizer, const std::vector<std::int64_t>& ids) {
  const auto size = static_cast<std::int64_t>(tokenizer.vocabulary_size());
  CLIPPATH_CHECK(ids.size() >= 2);
  for (std::int64_t id : ids) CLIPPATH_CHECK(id >= 0 && id < size);
}

constexpr std::size_t kMostWindowed = 256;  // bytes; windows encode a text many times

void check_windows(const Tokenizer& tokenizer, std::string_view text, std::size_t limit) {
  std::size_t end = 0;
  for (const TextWindow& window : split_windows(text, tokenizer, limit)) {
    check_numbers(tokenizer, window.ids);
    CLIPPATH_CHECK(window.ids.size() <= limit);
    CLIPPATH_CHECK(window.begin == end && (window.end > end || text.empty()));
    CLIPPATH_CHECK(window.ids == tokenizer.encode(text.substr(end, window.end - end), limit));
    end = window.end;
  }
  CLIPPATH_CHECK(end == text.size());
}

}  // namespace

void check_tokens(const Tokenizer& tokenizer, std::string_view text, std::size_t limit) {
  const auto whole = tokenizer.encode(text, 0);
  check_numbers(tokenizer, whole);
  CLIPPATH_CHECK(tokenizer.pad_id() >= 0);
  CLIPPATH_CHECK(tokenizer.pad_id() < static_cast<std::int64_t>(tokenizer.vocabulary_size()));

  const auto cut = tokenizer.encode(text, limit);
  CLIPPATH_CHECK(cut.size() == std::min(whole.size(), limit));
  CLIPPATH_CHECK(cut.back() == whole.back());
  CLIPPATH_CHECK(std::equal(cut.begin(), cut.end() - 1, whole.begin()));

  check_windows(tokenizer, text.substr(0, kMostWindowed), std::max<std::size_t>(limit, 8));
}

}  // namespace clippath::fuzz
