// SPDX-License-Identifier: Apache-2.0
#include "encoder/models/dual_encoder.h"

#include <ATen/ops/gelu.h>

#include "clippath/core/check.h"
#include "encoder/models/to_device.h"

namespace clippath {

DualEncoder::DualEncoder(const TensorTable& tensors, const ModelConfig& config, Towers towers,
                         at::ScalarType type, at::Device device)
    : type_(type), device_(device) {
  const StoredWeights weights(tensors, type, device);
  if (config.vision && (towers == Towers::kBoth || towers == Towers::kImageOnly)) {
    vision_.emplace(weights, *config.vision);
    if (config.vision_pooler) vision_pooler_.emplace(weights, *config.vision_pooler);
    vision_projection_ = load(weights, config.vision_projection);
  }
  if (config.text && towers != Towers::kImageOnly) {
    text_.emplace(weights, *config.text);
    text_projection_ = load(weights, config.text_projection);
  }
}

DualEncoder::Projection DualEncoder::load(const StoredWeights& weights,
                                          const ProjectionConfig& config) {
  Projection products;
  for (const auto& [name, outputs] : config.products) {
    products.push_back(config.from_right ? weights.product_from_right(name)
                                         : weights.product(name));
  }
  return products;
}

at::Tensor DualEncoder::project(const Projection& products, at::Tensor features) {
  for (const Linear& product : products) {
    if (&product != &products.front()) at::gelu_(features);
    features = product(features);
  }
  return features.to(at::kCPU, at::kFloat);
}

at::Tensor DualEncoder::project_pixels(const at::Tensor& pixels) const {
  CLIPPATH_CHECK(vision_.has_value());
  return project(vision_projection_, vision_features(to_device(pixels, device_).to(type_)));
}

at::Tensor DualEncoder::vision_features(const at::Tensor& pixels) const {
  return vision_pooler_ ? (*vision_pooler_)(vision_->hidden_states(pixels))
                        : vision_->features(pixels);
}

at::Tensor DualEncoder::project_tokens(const TokenBatch& batch) const {
  CLIPPATH_CHECK(text_.has_value());
  const auto there = [this](const at::Tensor& tensor) {
    return tensor.defined() ? to_device(tensor, device_) : tensor;
  };
  return project(text_projection_,
                 text_->features({there(batch.ids), there(batch.mask), there(batch.token_types)}));
}

}  // namespace clippath
