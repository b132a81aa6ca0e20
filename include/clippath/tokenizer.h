// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "clippath/core/result.h"

namespace clippath {

/// Turns text into the numbers that a text tower was trained on. Immutable: share freely.
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  /// Token ids with special tokens. A longer text is cut on the right to `max_tokens` (its closing
  /// token is kept); 0 means no limit.
  /// @param text  UTF-8; malformed bytes count as U+FFFD. Special tokens typed by a user match
  /// before splitting, as in the reference.
  [[nodiscard]] virtual std::vector<std::int64_t> encode(std::string_view text,
                                                         std::size_t max_tokens) const = 0;

  [[nodiscard]] virtual std::int64_t pad_id() const = 0;
  [[nodiscard]] virtual std::size_t vocabulary_size() const = 0;
};

/// Reads `vocab.txt` and `tokenizer_config.json` of a Hugging Face folder (BERT WordPiece).
/// Fails: kNotFound naming the missing file; kInvalidArgument if the vocabulary lacks a special
/// token; kUnsupported for another class.
Result<std::unique_ptr<const Tokenizer>> load_tokenizer(const std::filesystem::path& folder);

}  // namespace clippath
