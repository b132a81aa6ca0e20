// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "clippath/tokenizer.h"
#include "encoder/tokenizer/bpe_vocabulary.h"
#include "encoder/tokenizer/special_matcher.h"

namespace clippath {

struct ByteBpeTokens {
  std::string start, end, padding;
  /// All that the reference looks for in a text. Those that are none of the three above stand for
  /// what was taken out of it (`<|person|>`): they are matched in every text.
  std::vector<std::string> added;
};

/// The byte-level BPE of CONCH: start, pieces of the words, end. Equal to the library `tokenizers`.
/// Immutable: share freely.
class ByteBpeTokenizer : public Tokenizer {
 public:
  /// Fails: kInvalidArgument naming a special token that the vocabulary lacks.
  static Result<ByteBpeTokenizer> make(BpeVocabulary vocabulary, const ByteBpeTokens& tokens,
                                       SpecialTokens special);

  [[nodiscard]] std::vector<std::int64_t> encode(std::string_view text,
                                                 std::size_t max_tokens) const override;
  [[nodiscard]] std::int64_t pad_id() const override { return padding_id_; }
  [[nodiscard]] std::size_t vocabulary_size() const override { return vocabulary_.size(); }

 private:
  explicit ByteBpeTokenizer(BpeVocabulary vocabulary) : vocabulary_(std::move(vocabulary)) {}

  void append_text(std::string_view text, std::size_t enough, std::vector<std::int64_t>& ids) const;

  BpeVocabulary vocabulary_;
  SpecialMatcher matcher_;
  std::int64_t start_id_ = 0;
  std::int64_t end_id_ = 0;
  std::int64_t padding_id_ = 0;
};

}  // namespace clippath
