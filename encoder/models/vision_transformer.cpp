// SPDX-License-Identifier: Apache-2.0
#include "encoder/models/vision_transformer.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/stack.h>

#include "clippath/core/check.h"
#include "encoder/models/position_grid.h"
#include "encoder/weights/tensor_names.h"

namespace clippath {
namespace {

/// CLIP's patches have no bias.
Linear load_patch(const StoredWeights& weights, const VisionConfig& config,
                  const std::string& name) {
  return config.is_clip() ? weights.product(name + "weight") : weights.linear(name);
}

}  // namespace

VisionTransformer::VisionTransformer(const StoredWeights& weights, const VisionConfig& config)
    : config_(config) {
  const VisionNames names = names_of(config.family, config.tower.activation);
  const std::string& prefix = config.prefix;
  const std::int64_t width = config.tower.width;
  const double epsilon = config.tower.norm_epsilon;
  patch_ = load_patch(weights, config, prefix + names.patch);
  if (config.is_clip()) first_norm_ = weights.norm(prefix + names.first_norm, epsilon);
  layers_ =
      load_layers(weights, prefix + names.layers, names.layer, config.tower, config.layer_scale);
  last_norm_ = weights.norm(prefix + names.last_norm, epsilon);
  if (config.pooler) pooler_ = weights.linear(prefix + names.pooler);

  const at::Tensor positions = weights.tensor(prefix + names.positions).reshape({1, -1, width});
  const std::int64_t before_patches = positions.size(1) - config.patches();
  positions_ = positions.narrow(1, before_patches, config.patches());
  first_ = weights.tensor(prefix + names.class_token).reshape({1, 1, width});
  if (config.registers > 0) {
    first_ = at::cat({first_, weights.tensor(prefix + names.registers)}, 1);
  }
  first_.narrow(1, 0, before_patches).add_(positions.narrow(1, 0, before_patches));
}

at::Tensor VisionTransformer::embed(const at::Tensor& pixels) const {
  const std::int64_t n = pixels.size(0);
  const std::int64_t side = config_.patch_size;
  const std::int64_t rows = pixels.size(2) / side;
  const std::int64_t columns = pixels.size(3) / side;
  // A convolution whose stride is its size is one product over the patches, laid out in rows.
  const at::Tensor patches = pixels.view({n, 3, rows, side, columns, side})
                                 .permute({0, 2, 4, 1, 3, 5})
                                 .reshape({n, rows * columns, 3 * side * side});
  const at::Tensor positions =
      resample_positions(positions_, rows, columns, config_.position_scale);
  const at::Tensor embedded = patch_(patches).add_(positions);
  const at::Tensor tokens = at::cat({first_.expand({n, -1, -1}), embedded}, 1);
  return config_.is_clip() ? first_norm_(tokens) : tokens;
}

at::Tensor VisionTransformer::run_layers(const at::Tensor& pixels, Rows last_rows) const {
  at::Tensor x = embed(pixels);
  for (const TransformerLayer& layer : layers_) {
    x = layer.forward_norm_first(x, &layer == &layers_.back() ? last_rows : Rows::kAll,
                                 Sight::kAll);
  }
  return x;
}

at::Tensor VisionTransformer::features(const at::Tensor& pixels) const {
  const at::Tensor first = last_norm_(run_layers(pixels, Rows::kFirst).squeeze(1));
  return config_.pooler ? pooler_(first).tanh_() : first;
}

at::Tensor VisionTransformer::hidden_states(const at::Tensor& pixels) const {
  const at::Tensor x = run_layers(pixels, Rows::kAll);
  return config_.is_clip() ? x : last_norm_(x);
}

at::Tensor VisionTransformer::attention(const at::Tensor& pixels,
                                        std::span<const std::int64_t> layers, Rows rows) const {
  CLIPPATH_CHECK(!layers.empty() && layers.back() < config_.tower.layers);
  at::Tensor x = embed(pixels);
  std::vector<at::Tensor> maps;
  std::int64_t next = 0;
  for (const std::int64_t layer : layers) {
    for (; next < layer; ++next) {
      x = layers_[static_cast<std::size_t>(next)].forward_norm_first(x, Rows::kAll, Sight::kAll);
    }
    maps.push_back(layers_[static_cast<std::size_t>(layer)].attention_norm_first(x, rows));
  }
  return at::stack(maps, 1);
}

}  // namespace clippath
