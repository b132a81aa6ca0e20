// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "clippath/model_card.h"
#include "encoder/models/stored_weights.h"
#include "encoder/models/transformer_layer.h"
#include "encoder/weights/model_config.h"

namespace clippath {

/// Texts as numbers, padded on the right to one length.
struct TokenBatch {
  at::Tensor ids;          ///< int64 `[n, tokens]`, each less than the vocabulary's size
  at::Tensor mask;         ///< bool `[n, tokens]`, false where padded; undefined: nothing is padded
  at::Tensor token_types;  ///< int64 `[n, tokens]`; undefined: all 0
};

/// Texts to features: BERT (Devlin et al. 2018, arXiv:1810.04805), CLIP's causal text tower
/// (Radford et al. 2021, arXiv:2103.00020), or CoCa's, which is CLIP's with a token appended (Yu et
/// al. 2022, arXiv:2205.01917). Immutable: share freely.
class TextTransformer {
 public:
  TextTransformer(const StoredWeights& weights, const TextConfig& config);

  /// One vector a text, by the configuration's pooling. `[n, width]`
  [[nodiscard]] at::Tensor features(const TokenBatch& batch) const;

  /// All tokens after the last layer and norm, `[n, tokens, width]`; those of padding mean nothing.
  [[nodiscard]] at::Tensor hidden_states(const TokenBatch& batch) const;

 private:
  [[nodiscard]] at::Tensor embed(const TokenBatch& batch) const;
  [[nodiscard]] at::Tensor run_layers(const TokenBatch& batch, Rows last_rows) const;
  [[nodiscard]] at::Tensor appended_token(const at::Tensor& ids) const;
  [[nodiscard]] at::Tensor end_tokens(const at::Tensor& ids) const;

  TextConfig config_;
  at::Tensor words_;
  at::Tensor positions_;
  at::Tensor token_types_;  ///< BERT's alone, as the next
  LayerNorm embedding_norm_;
  std::vector<TransformerLayer> layers_;
  LayerNorm last_norm_;  ///< CLIP's alone
  Linear pooler_;        ///< kPooler alone
  at::Tensor appended_;  ///< kAppended alone, with its position, `[1, 1, width]`
};

}  // namespace clippath
