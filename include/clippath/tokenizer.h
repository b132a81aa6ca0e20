// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "clippath/core/result.h"

namespace clippath {

/// What a special token is that stands spelled out in a text ("[SEP]", "<|endoftext|>").
enum class SpecialTokens : std::uint8_t {
  kAsText,  ///< words like any other: what a user types never ends or masks a text
  kMatch    ///< the token, as in the reference implementations
};

/// Turns text into the numbers that a text tower was trained on. Immutable: share freely.
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  /// Token ids with special tokens. A longer text is cut on the right to `max_tokens` (its closing
  /// token is kept); 0 means no limit.
  /// @param text  UTF-8; malformed bytes count as U+FFFD.
  /// @param max_tokens  not 1.
  [[nodiscard]] virtual std::vector<std::int64_t> encode(std::string_view text,
                                                         std::size_t max_tokens) const = 0;

  [[nodiscard]] virtual std::int64_t pad_id() const = 0;
  /// One more than the largest number of a piece: no token id reaches it. A file may leave numbers
  /// out, so there may be fewer pieces.
  [[nodiscard]] virtual std::size_t vocabulary_size() const = 0;
};

/// Reads the tokenizer of a model folder: the first that is there of `vocab.txt` (BERT WordPiece,
/// with `tokenizer_config.json`), `vocab.json` with `merges.txt` (byte-level BPE of CLIP) and
/// `tokenizer.json` (either, or the byte-level BPE of CONCH, as `tokenizers` writes it). A folder
/// with `open_clip_config.json` follows the rules of open_clip, another those of Hugging Face's
/// fast tokenizers (docs/tokenizers.md). Fails: kNotFound naming the missing file; kInvalidArgument
/// if the vocabulary lacks a special token or a piece; kUnsupported for another class or shape,
/// naming the key.
Result<std::unique_ptr<const Tokenizer>> load_tokenizer(
    const std::filesystem::path& folder, SpecialTokens special = SpecialTokens::kAsText);

}  // namespace clippath
