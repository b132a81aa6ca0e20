// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clippath/core/embedding.h"
#include "clippath/core/result.h"
#include "clippath/encoder.h"
#include "clippath/tokenizer.h"
#include "encoder/runtime/text_cache.h"

namespace clippath {

using TokenLists = std::span<const std::vector<std::int64_t>>;

/// Runs a text tower over lists of tokens: a row each, of the length that the model gives it.
using TextTower = std::function<Result<EmbeddingMatrix>(TokenLists)>;

/// Makes rows of texts: tokens, windows where a text is longer than the tower reads, batches that
/// bound the tower's memory, and one row a text again. Thread-safe.
class TextRows {
 public:
  /// @param max_tokens  what the tower reads; under 8 there are no windows, longer texts are cut.
  TextRows(std::unique_ptr<const Tokenizer> tokenizer, std::size_t max_tokens,
           std::size_t dimension, LongText long_texts, std::size_t cached_windows);

  /// The row of a text of several windows is the mean of theirs, weighted by their numbers of
  /// tokens. The tower gets the windows of all texts that are not in the cache, in order, at most
  /// 32 at once. Fails: as the tower; kDeadlineExceeded, tested before each of these batches.
  [[nodiscard]] Result<EmbeddingMatrix> project(std::span<const std::string> texts,
                                                const EncodeCall& call,
                                                const TextTower& tower) const;

  /// The tokens of a text as one list, cut where there would be windows.
  [[nodiscard]] std::vector<std::int64_t> tokenize(std::string_view text) const {
    return tokenizer_->encode(text, max_tokens_);
  }
  [[nodiscard]] std::int64_t pad_id() const { return tokenizer_->pad_id(); }

 private:
  struct Windows;

  [[nodiscard]] Windows windows_of(std::span<const std::string> texts) const;
  void add_windows(std::size_t text_number, const std::string& text, Windows& windows) const;

  const std::unique_ptr<const Tokenizer> tokenizer_;
  const std::size_t max_tokens_;
  const std::size_t dimension_;
  const bool in_windows_;
  mutable TextCache cache_;
};

}  // namespace clippath
