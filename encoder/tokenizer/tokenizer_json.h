// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/json/json.h"
#include "encoder/tokenizer/bpe_vocabulary.h"
#include "encoder/tokenizer/vocabulary.h"
#include "encoder/tokenizer/word_splitter.h"

namespace clippath {

struct WordPieceFile {
  Vocabulary vocabulary;
  std::string unknown, separator, classification;
  SplitRules rules;
};
struct ClipBpeFile {
  BpeVocabulary vocabulary;
  std::string start, end;
};

struct ByteBpeFile {
  BpeVocabulary vocabulary;
  std::string start, end;
  std::vector<std::string> added;  ///< tokens that are looked for in a text
};

/// Reads a `tokenizer.json` of the library `tokenizers` whose steps are those of BERT's WordPiece,
/// of CLIP or of CONCH.
/// Fails: kUnsupported naming the key, for a step that is none's; kInvalidArgument.
Result<std::variant<WordPieceFile, ClipBpeFile, ByteBpeFile>> parse_tokenizer_json(
    const Json& json);

/// The pieces of an object "piece": number. Fails: kInvalidArgument naming `path` and the piece.
Result<std::vector<BpeVocabulary::Piece>> read_pieces(const Json& object, const std::string& path);

}  // namespace clippath
