// SPDX-License-Identifier: Apache-2.0
#include "encoder/models/vision_transformer.h"

#include <ATen/ops/cat.h>

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

}  // namespace

VisionTransformer::VisionTransformer(const StoredWeights& weights, const std::string& prefix,
                                     const VisionConfig& config)
    : config_(config) {
  const bool is_clip = config.kind == VisionKind::kClip;
  const std::string embeddings = prefix + "embeddings.";
  const double epsilon = config.tower.norm_epsilon;
  at::Tensor positions;
  if (is_clip) {
    patch_ = weights.product(embeddings + "patch_embedding.weight");
    class_ = weights.tensor(embeddings + "class_embedding");
    positions = weights.tensor(embeddings + "position_embedding.weight");
    first_norm_ = weights.norm(prefix + "pre_layrnorm", epsilon);
    last_norm_ = weights.norm(prefix + "post_layernorm", epsilon);
  } else {
    patch_ = weights.linear(embeddings + "patch_embeddings.projection");
    class_ = weights.tensor(embeddings + "cls_token");
    positions = weights.tensor(embeddings + "position_embeddings");
    last_norm_ = weights.norm(prefix + "layernorm", epsilon);
    pooler_ = weights.linear(prefix + "pooler.dense");
  }
  const std::int64_t width = config.tower.width;
  positions = positions.reshape({1, config.patches() + 1, width});
  class_ = class_.reshape({1, 1, width}).add(positions.narrow(1, 0, 1));
  positions_ = positions.narrow(1, 1, config.patches());

  layers_ = load_layers(weights, prefix + (is_clip ? "encoder.layers." : "encoder.layer."),
                        is_clip ? kClipLayer : kVitLayer, config.tower);
}

at::Tensor VisionTransformer::embed(const at::Tensor& pixels) const {
  const std::int64_t n = pixels.size(0);
  const std::int64_t side = config_.patch_size;
  const std::int64_t grid = config_.image_size / side;
  // A convolution whose stride is its size is one product over the patches, laid out in rows.
  const at::Tensor patches = pixels.view({n, 3, grid, side, grid, side})
                                 .permute({0, 2, 4, 1, 3, 5})
                                 .reshape({n, grid * grid, 3 * side * side});
  const at::Tensor embedded = patch_(patches).add_(positions_);
  return at::cat({class_.expand({n, 1, config_.tower.width}), embedded}, 1);
}

at::Tensor VisionTransformer::run_layers(const at::Tensor& pixels, Rows last_rows) const {
  at::Tensor x = embed(pixels);
  if (config_.kind == VisionKind::kClip) x = first_norm_(x);
  for (const TransformerLayer& layer : layers_) {
    x = layer.forward_norm_first(x, &layer == &layers_.back() ? last_rows : Rows::kAll);
  }
  return x;
}

at::Tensor VisionTransformer::features(const at::Tensor& pixels) const {
  const at::Tensor first = last_norm_(run_layers(pixels, Rows::kFirst).squeeze(1));
  return config_.kind == VisionKind::kVit ? pooler_(first).tanh_() : first;
}

at::Tensor VisionTransformer::hidden_states(const at::Tensor& pixels) const {
  const at::Tensor x = run_layers(pixels, Rows::kAll);
  return config_.kind == VisionKind::kVit ? last_norm_(x) : x;
}

}  // namespace clippath
