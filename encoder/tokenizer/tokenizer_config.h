// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/json/json.h"
#include "encoder/tokenizer/word_splitter.h"

namespace clippath {

enum class TokenizerKind : std::uint8_t {
  kWordPiece,
  kClipBpe,
  kByteBpe,
  kAnyJson  ///< of `tokenizer_config.json` alone: as `tokenizer.json` says
};

/// What `tokenizer_config.json` says; an absent token is the class's own.
struct TokenizerConfig {
  std::optional<TokenizerKind> kind;  ///< absent: as the files beside it say
  std::optional<std::string> unknown, separator, padding, classification, mask, start, end;
  SplitRules rules;  ///< of WordPiece
};

/// Fails: kUnsupported for a class that is neither BertTokenizer nor CLIPTokenizer (or their fast
/// forms) nor PreTrainedTokenizerFast (TokenizersBackend); kInvalidArgument naming the key.
Result<TokenizerConfig> parse_tokenizer_config(const Json& json);

}  // namespace clippath
