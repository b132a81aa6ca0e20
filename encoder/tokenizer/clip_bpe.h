// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "clippath/tokenizer.h"
#include "encoder/tokenizer/bpe_vocabulary.h"
#include "encoder/tokenizer/clip_text.h"
#include "encoder/tokenizer/special_matcher.h"

namespace clippath {

/// Special tokens by name, as `tokenizer_config.json` spells them.
struct ClipTokens {
  std::string start = "<|startoftext|>";
  std::string end = "<|endoftext|>";
  std::string padding = "<|endoftext|>";  ///< open_clip pads with 0 whatever this says
};

/// CLIP's byte-level BPE: start, pieces of the words, end. Equal to CLIPTokenizerFast of
/// transformers, or to open_clip without ftfy. Immutable: share freely.
class ClipBpeTokenizer : public Tokenizer {
 public:
  /// Fails: kInvalidArgument naming a special token that the vocabulary lacks.
  static Result<ClipBpeTokenizer> make(BpeVocabulary vocabulary, const ClipTokens& tokens,
                                       ClipRules rules, SpecialTokens special);

  [[nodiscard]] std::vector<std::int64_t> encode(std::string_view text,
                                                 std::size_t max_tokens) const override;
  [[nodiscard]] std::int64_t pad_id() const override { return padding_id_; }
  [[nodiscard]] std::size_t vocabulary_size() const override { return vocabulary_.size(); }

 private:
  ClipBpeTokenizer(BpeVocabulary vocabulary, ClipRules rules)
      : vocabulary_(std::move(vocabulary)), rules_(rules) {}

  void append_text(std::string_view text, const SpecialMatcher& matcher, std::size_t enough,
                   std::vector<std::int64_t>& ids) const;

  BpeVocabulary vocabulary_;
  ClipRules rules_;
  SpecialMatcher matcher_;
  std::int64_t start_id_ = 0;
  std::int64_t end_id_ = 0;
  std::int64_t padding_id_ = 0;
};

}  // namespace clippath
