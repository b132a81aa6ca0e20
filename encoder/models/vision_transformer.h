// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "encoder/models/stored_weights.h"
#include "encoder/models/transformer_layer.h"
#include "encoder/weights/model_config.h"

namespace clippath {

/// Pictures to features: a ViT (Dosovitskiy et al. 2020, arXiv:2010.11929), CLIP's image tower
/// (Radford et al. 2021, arXiv:2103.00020), or DINOv2's with LayerScale and registers (Oquab et al.
/// 2023, arXiv:2304.07193; Darcet et al. 2023, arXiv:2309.16588).
///
/// Pixels are `[n, 3, height, width]`, normalised, in the type of the weights; patch_size divides
/// both sides. At another size than image_size the positions are resampled (position_grid.h).
/// Tokens are the class token, registers, patches row by row. Immutable: share freely.
class VisionTransformer {
 public:
  VisionTransformer(const StoredWeights& weights, const VisionConfig& config);

  /// What is projected: the class token after the last norm; for a ViT with a pooler that through
  /// it. `[n, width]`
  [[nodiscard]] at::Tensor features(const at::Tensor& pixels) const;

  /// All tokens after the last layer; the last norm not applied for CLIP, as Hugging Face's
  /// `last_hidden_state`. `[n, 1 + registers + patches, width]`
  [[nodiscard]] at::Tensor hidden_states(const at::Tensor& pixels) const;

  /// How much tokens attend to each other, the class token first (Caron et al. 2021,
  /// arXiv:2104.14294, figure 1, shows its row). Every row sums to 1.
  /// @param layers  counted from 0, rising, at least one; nothing behind the last is computed.
  /// @return        `[n, layers, heads, tokens or 1, tokens]`
  [[nodiscard]] at::Tensor attention(const at::Tensor& pixels, std::span<const std::int64_t> layers,
                                     Rows rows) const;

 private:
  [[nodiscard]] at::Tensor embed(const at::Tensor& pixels) const;
  [[nodiscard]] at::Tensor run_layers(const at::Tensor& pixels, Rows last_rows) const;

  VisionConfig config_;
  Linear patch_;      ///< `[width, 3 * patch * patch]`
  at::Tensor first_;  ///< class token and registers, `[1, 1 + registers, width]`, with positions
  at::Tensor positions_;  ///< of the patches of a picture of image_size, `[1, patches, width]`
  LayerNorm first_norm_;  ///< CLIP's alone
  std::vector<TransformerLayer> layers_;
  LayerNorm last_norm_;
  Linear pooler_;  ///< ViT with one alone
};

}  // namespace clippath
