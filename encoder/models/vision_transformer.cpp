// SPDX-License-Identifier: Apache-2.0
#include "encoder/models/vision_transformer.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/stack.h>

#include "clippath/core/check.h"
#include "encoder/models/position_grid.h"

namespace clippath {
namespace {

const LayerNames kClipLayer = {.query = "self_attn.q_proj",
                               .key = "self_attn.k_proj",
                               .value = "self_attn.v_proj",
                               .attention_output = "self_attn.out_proj",
                               .inner = "mlp.fc1",
                               .outer = "mlp.fc2",
                               .attention_norm = "layer_norm1",
                               .perceptron_norm = "layer_norm2"};

const LayerNames kVitLayer = {.query = "attention.attention.query",
                              .key = "attention.attention.key",
                              .value = "attention.attention.value",
                              .attention_output = "attention.output.dense",
                              .inner = "intermediate.dense",
                              .outer = "output.dense",
                              .attention_norm = "layernorm_before",
                              .perceptron_norm = "layernorm_after"};

const LayerNames kDinoLayer = {.query_key_value = "attn.qkv",
                               .attention_output = "attn.proj",
                               .inner = "mlp.fc1",
                               .outer = "mlp.fc2",
                               .attention_norm = "norm1",
                               .perceptron_norm = "norm2"};

}  // namespace

VisionTransformer::VisionTransformer(const StoredWeights& weights, const std::string& prefix,
                                     const VisionConfig& config)
    : config_(config) {
  const std::string embeddings = prefix + "embeddings.";
  const double epsilon = config.tower.norm_epsilon;
  at::Tensor positions;
  switch (config.kind) {
    case VisionKind::kClip:
      patch_ = weights.product(embeddings + "patch_embedding.weight");
      class_ = weights.tensor(embeddings + "class_embedding");
      positions = weights.tensor(embeddings + "position_embedding.weight");
      first_norm_ = weights.norm(prefix + "pre_layrnorm", epsilon);
      layers_ = load_layers(weights, prefix + "encoder.layers.", kClipLayer, config.tower);
      last_norm_ = weights.norm(prefix + "post_layernorm", epsilon);
      break;
    case VisionKind::kVit:
      patch_ = weights.linear(embeddings + "patch_embeddings.projection");
      class_ = weights.tensor(embeddings + "cls_token");
      positions = weights.tensor(embeddings + "position_embeddings");
      layers_ = load_layers(weights, prefix + "encoder.layer.", kVitLayer, config.tower);
      last_norm_ = weights.norm(prefix + "layernorm", epsilon);
      if (config.pooler) pooler_ = weights.linear(prefix + "pooler.dense");
      break;
    case VisionKind::kDino:
      patch_ = weights.linear(prefix + "patch_embed.proj");
      class_ = weights.tensor(prefix + "cls_token");
      positions = weights.tensor(prefix + "pos_embed");
      layers_ = load_layers(weights, prefix + "blocks.", kDinoLayer, config.tower);
      last_norm_ = weights.norm(prefix + "norm", epsilon);
      break;
  }
  const std::int64_t width = config.tower.width;
  positions = positions.reshape({1, config.patches() + 1, width});
  class_ = class_.reshape({1, 1, width}).add(positions.narrow(1, 0, 1));
  positions_ = positions.narrow(1, 1, config.patches());
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
  const auto scale =
      config_.kind == VisionKind::kDino ? PositionScale::kDino : PositionScale::kSizes;
  const at::Tensor positions = resample_positions(positions_, rows, columns, scale);
  const at::Tensor embedded = patch_(patches).add_(positions);
  const at::Tensor tokens = at::cat({class_.expand({n, 1, config_.tower.width}), embedded}, 1);
  return config_.kind == VisionKind::kClip ? first_norm_(tokens) : tokens;
}

at::Tensor VisionTransformer::run_layers(const at::Tensor& pixels, Rows last_rows) const {
  at::Tensor x = embed(pixels);
  for (const TransformerLayer& layer : layers_) {
    x = layer.forward_norm_first(x, &layer == &layers_.back() ? last_rows : Rows::kAll);
  }
  return x;
}

at::Tensor VisionTransformer::features(const at::Tensor& pixels) const {
  const at::Tensor first = last_norm_(run_layers(pixels, Rows::kFirst).squeeze(1));
  const bool has_pooler = config_.kind == VisionKind::kVit && config_.pooler;
  return has_pooler ? pooler_(first).tanh_() : first;
}

at::Tensor VisionTransformer::hidden_states(const at::Tensor& pixels) const {
  const at::Tensor x = run_layers(pixels, Rows::kAll);
  return config_.kind == VisionKind::kClip ? x : last_norm_(x);
}

at::Tensor VisionTransformer::attention(const at::Tensor& pixels,
                                        std::span<const std::int64_t> layers, Rows rows) const {
  CLIPPATH_CHECK(!layers.empty() && layers.back() < config_.tower.layers);
  at::Tensor x = embed(pixels);
  std::vector<at::Tensor> maps;
  std::int64_t next = 0;
  for (const std::int64_t layer : layers) {
    for (; next < layer; ++next) {
      x = layers_[static_cast<std::size_t>(next)].forward_norm_first(x, Rows::kAll);
    }
    maps.push_back(layers_[static_cast<std::size_t>(layer)].attention_norm_first(x, rows));
  }
  return at::stack(maps, 1);
}

}  // namespace clippath
