// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "clippath/tokenizer.h"
#include "encoder/tokenizer/special_matcher.h"
#include "encoder/tokenizer/vocabulary.h"
#include "encoder/tokenizer/word_splitter.h"

namespace clippath {

/// Special tokens by name, as `tokenizer_config.json` spells them.
struct WordPieceTokens {
  std::string unknown = "[UNK]";
  std::string separator = "[SEP]";
  std::string padding = "[PAD]";
  std::string classification = "[CLS]";
  std::string mask = "[MASK]";
};

/// BERT's WordPiece: `[CLS]` pieces `[SEP]`, each word cut greedily into the longest pieces of the
/// vocabulary. Equal to `BertTokenizerFast` of transformers. Immutable: share freely.
class WordPieceTokenizer : public Tokenizer {
 public:
  /// Fails: kInvalidArgument naming a special token that the vocabulary lacks.
  static Result<WordPieceTokenizer> make(Vocabulary vocabulary, const WordPieceTokens& tokens,
                                         const SplitRules& rules, SpecialTokens special);

  [[nodiscard]] std::vector<std::int64_t> encode(std::string_view text,
                                                 std::size_t max_tokens) const override;
  [[nodiscard]] std::int64_t pad_id() const override { return padding_id_; }
  [[nodiscard]] std::size_t vocabulary_size() const override { return vocabulary_.size(); }

 private:
  WordPieceTokenizer(Vocabulary vocabulary, const SplitRules& rules)
      : vocabulary_(std::move(vocabulary)), rules_(rules) {}

  void append_text(std::string_view text, std::size_t enough, std::vector<std::int64_t>& ids) const;
  void append_word(const Word& word, std::vector<std::int64_t>& ids) const;

  Vocabulary vocabulary_;
  SplitRules rules_;
  SpecialMatcher matcher_;
  std::int64_t unknown_id_ = 0;
  std::int64_t separator_id_ = 0;
  std::int64_t padding_id_ = 0;
  std::int64_t classification_id_ = 0;
};

}  // namespace clippath
