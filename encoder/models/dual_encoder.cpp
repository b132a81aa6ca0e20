// SPDX-License-Identifier: Apache-2.0
#include "encoder/models/dual_encoder.h"

#include "clippath/core/check.h"

namespace clippath {

DualEncoder::DualEncoder(const WeightsFile& file, const ModelConfig& config, TextPooling pooling,
                         Towers towers, at::ScalarType type)
    : type_(type) {
  const StoredWeights weights(file, type);
  if (towers != Towers::kTextOnly) {
    vision_.emplace(weights, vision_prefix(config.vision.kind), config.vision);
    vision_projection_ = weights.product("visual_projection.weight");
  }
  if (towers != Towers::kImageOnly) {
    text_.emplace(weights, std::string(kTextPrefix), config.text, pooling);
    text_projection_ = weights.product("text_projection.weight");
  }
}

at::Tensor DualEncoder::project_pixels(const at::Tensor& pixels) const {
  CLIPPATH_CHECK(vision_.has_value());
  return vision_projection_(vision_->features(pixels.to(type_))).to(at::kFloat);
}

at::Tensor DualEncoder::project_tokens(const TokenBatch& batch) const {
  CLIPPATH_CHECK(text_.has_value());
  return text_projection_(text_->features(batch)).to(at::kFloat);
}

}  // namespace clippath
