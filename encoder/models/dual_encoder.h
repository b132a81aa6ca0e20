// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "clippath/encoder.h"
#include "encoder/models/attentional_pooler.h"
#include "encoder/models/text_transformer.h"
#include "encoder/models/vision_transformer.h"
#include "encoder/weights/architecture.h"

namespace clippath {

/// Both towers with their projections into the shared space, or one of them. LibTorch's exceptions
/// pass through. Immutable: share freely; every call needs c10::InferenceMode in its thread.
class DualEncoder {
 public:
  /// @param tensors  checked against the architecture (open_model_weights); not kept.
  /// @param type     kFloat or kBFloat16; on a GPU kHalf, too.
  /// @param device   where it computes; what it is given and gives lies in main memory.
  DualEncoder(const TensorTable& tensors, const ModelConfig& config, Towers towers,
              at::ScalarType type, at::Device device = at::kCPU);

  /// @param pixels  float32 `[n, 3, image_size, image_size]`, normalised.
  /// @return        float32 `[n, dimension]`, not normalised.
  [[nodiscard]] at::Tensor project_pixels(const at::Tensor& pixels) const;
  [[nodiscard]] at::Tensor project_tokens(const TokenBatch& batch) const;

  [[nodiscard]] at::Device device() const { return device_; }
  [[nodiscard]] bool has_images() const { return vision_.has_value(); }
  [[nodiscard]] bool has_texts() const { return text_.has_value(); }

 private:
  using Projection = std::vector<Linear>;

  [[nodiscard]] static Projection load(const StoredWeights& weights,
                                       const ProjectionConfig& config);
  [[nodiscard]] at::Tensor vision_features(const at::Tensor& pixels) const;
  [[nodiscard]] static at::Tensor project(const Projection& products, at::Tensor features);

  at::ScalarType type_;
  at::Device device_;
  std::optional<VisionTransformer> vision_;
  std::optional<AttentionalPooler> vision_pooler_;
  std::optional<TextTransformer> text_;
  Projection vision_projection_;
  Projection text_projection_;
};

}  // namespace clippath
