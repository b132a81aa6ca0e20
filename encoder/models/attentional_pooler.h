// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "encoder/models/stored_weights.h"
#include "encoder/weights/model_config.h"

namespace clippath {

/// One vector of all tokens of a picture: a learned query attends to them, and a norm follows (Yu
/// et al. 2022, arXiv:2205.01917, section 3.2). Immutable: share freely.
class AttentionalPooler {
 public:
  AttentionalPooler(const StoredWeights& weights, const AttentionalPoolerConfig& config);

  /// @param tokens  `[n, tokens, inputs]`, behind the tower's last norm
  /// @return        `[n, width]`
  [[nodiscard]] at::Tensor operator()(const at::Tensor& tokens) const;

 private:
  std::int64_t width_;
  std::int64_t heads_;
  at::Tensor query_;  ///< behind its norm and product, which no picture changes; `[1, 1, width]`
  LayerNorm key_norm_;
  Linear key_value_;  ///< both with one input: one product
  Linear attention_output_;
  LayerNorm last_norm_;
};

}  // namespace clippath
