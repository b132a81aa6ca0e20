// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "encoder/models/stored_weights.h"
#include "encoder/models/transformer_layer.h"
#include "encoder/weights/model_config.h"

namespace clippath {

/// Pictures to features: a ViT (Dosovitskiy et al. 2020, arXiv:2010.11929) in the two shapes of
/// Hugging Face, `CLIPVisionModel` and `ViTModel`. Immutable: share freely.
class VisionTransformer {
 public:
  /// @param prefix  of the names of its tensors.
  VisionTransformer(const StoredWeights& weights, const std::string& prefix,
                    const VisionConfig& config);

  /// What is projected: CLIP: the class token after the last norm. ViT: that through the pooler.
  /// @param pixels  `[n, 3, image_size, image_size]`, normalised, in the type of the weights.
  /// @return        `[n, width]`
  [[nodiscard]] at::Tensor features(const at::Tensor& pixels) const;

  /// All tokens after the last layer; the last norm applied for ViT and not for CLIP, as Hugging
  /// Face's `last_hidden_state`. `[n, 1 + patches, width]`
  [[nodiscard]] at::Tensor hidden_states(const at::Tensor& pixels) const;

 private:
  [[nodiscard]] at::Tensor embed(const at::Tensor& pixels) const;
  [[nodiscard]] at::Tensor run_layers(const at::Tensor& pixels, Rows last_rows) const;

  VisionConfig config_;
  Linear patch_;          ///< `[width, 3 * patch * patch]`
  at::Tensor class_;      ///< `[1, 1, width]`, its position added
  at::Tensor positions_;  ///< of the patches, `[1, patches, width]`
  LayerNorm first_norm_;  ///< CLIP alone
  std::vector<TransformerLayer> layers_;
  LayerNorm last_norm_;
  Linear pooler_;  ///< ViT alone
};

}  // namespace clippath
