// SPDX-License-Identifier: Apache-2.0
#include "encoder/models/transformer_layer.h"

#include <ATen/ops/matmul.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <c10/core/InferenceMode.h>

#include <cmath>
#include <future>
#include <optional>

#include "clippath/core/check.h"

namespace clippath {
namespace {

at::Tensor rows_of(const at::Tensor& x, Rows rows) {
  switch (rows) {
    case Rows::kAll: return x;
    case Rows::kFirst: return x.narrow(1, 0, 1);
    case Rows::kLast: return x.narrow(1, x.size(1) - 1, 1);
  }
  return x;
}

Linear load_query(const StoredWeights& weights, const std::string& prefix, const LayerNames& names,
                  std::int64_t width) {
  if (names.query_key_value.empty()) return weights.linear(prefix + names.query);
  return weights.part_of_linear(prefix + names.query_key_value, 0, width);
}

Linear load_key_value(const StoredWeights& weights, const std::string& prefix,
                      const LayerNames& names, std::int64_t width) {
  if (names.query_key_value.empty()) {
    return weights.joined_linear({prefix + names.key, prefix + names.value});
  }
  return weights.part_of_linear(prefix + names.query_key_value, width, 2 * width);
}

LinearOptions attention_output_options(const std::string& prefix, const LayerNames& names,
                                       bool layer_scale) {
  return {.output_factors = layer_scale ? prefix + names.attention_scale : ""};
}

}  // namespace

TransformerLayer::TransformerLayer(const StoredWeights& weights, const std::string& prefix,
                                   const LayerNames& names, const TowerConfig& tower,
                                   bool layer_scale)
    : width_(tower.width),
      heads_(tower.heads),
      query_(load_query(weights, prefix, names, tower.width)),
      key_value_(load_key_value(weights, prefix, names, tower.width)),
      attention_output_(weights.linear(prefix + names.attention_output,
                                       attention_output_options(prefix, names, layer_scale))),
      perceptron_(weights, prefix, names, tower.activation, layer_scale),
      attention_norm_(weights.norm(prefix + names.attention_norm, tower.norm_epsilon)),
      perceptron_norm_(weights.norm(prefix + names.perceptron_norm, tower.norm_epsilon)) {}

at::Tensor TransformerLayer::forward_norm_first(const at::Tensor& x, Rows rows, Sight sight) const {
  return add_attended(attend(attention_norm_(x), {}, rows, sight), x, rows);
}

at::Tensor TransformerLayer::forward_norm_first(const at::Tensor& x, const at::Tensor& mask,
                                                Rows rows) const {
  return add_attended(attend(attention_norm_(x), mask, rows, Sight::kAll), x, rows);
}

/// The residual and the second half of a layer.
at::Tensor TransformerLayer::add_attended(at::Tensor attended, const at::Tensor& x,
                                          Rows rows) const {
  attended.add_(rows_of(x, rows));
  return perceptron_(perceptron_norm_(attended)).add_(attended);
}

at::Tensor TransformerLayer::forward_norm_last(const at::Tensor& x, const at::Tensor& mask,
                                               Rows rows) const {
  const at::Tensor attended =
      attention_norm_(attend(x, mask, rows, Sight::kAll).add_(rows_of(x, rows)));
  return perceptron_norm_(perceptron_(attended).add_(attended));
}

at::Tensor TransformerLayer::attention_norm_first(const at::Tensor& x, Rows rows) const {
  const at::Tensor normed = attention_norm_(x);
  const at::Tensor query = heads_of(query_(rows_of(normed, rows)), 0);
  const at::Tensor key = heads_of(key_value_(normed), 0);
  const double scale = 1 / std::sqrt(static_cast<double>(width_ / heads_));
  return at::matmul(query, key.transpose(2, 3)).mul_(scale).softmax(-1);
}

at::Tensor TransformerLayer::heads_of(const at::Tensor& joined, std::int64_t part) const {
  return joined.narrow(2, part * width_, width_)
      .view({joined.size(0), joined.size(1), heads_, width_ / heads_})
      .transpose(1, 2);
}

at::Tensor TransformerLayer::attend(const at::Tensor& x, const at::Tensor& mask, Rows rows,
                                    Sight sight) const {
  CLIPPATH_CHECK(rows == Rows::kAll || sight == Sight::kAll);
  const at::Tensor query = heads_of(query_(rows_of(x, rows)), 0);
  const at::Tensor key_value = key_value_(x);
  const at::Tensor key = heads_of(key_value, 0);
  const at::Tensor value = heads_of(key_value, 1);
  const std::optional<at::Tensor> attention_mask =
      mask.defined() ? std::optional<at::Tensor>(mask) : std::nullopt;
  const at::Tensor attended = at::scaled_dot_product_attention(
      query, key, value, attention_mask, /*dropout_p=*/0, /*is_causal=*/sight == Sight::kBefore);
  return attention_output_(attended.transpose(1, 2).reshape({x.size(0), query.size(2), width_}));
}

std::vector<TransformerLayer> load_layers(const StoredWeights& weights, const std::string& prefix,
                                          const LayerNames& names, const TowerConfig& tower,
                                          bool layer_scale) {
  std::vector<std::future<TransformerLayer>> loading;
  for (std::int64_t i = 0; i < tower.layers; ++i) {
    loading.push_back(std::async(std::launch::async, [&, i] {
      const c10::InferenceMode inference;  // of this thread
      return TransformerLayer(weights, prefix + std::to_string(i) + ".", names, tower, layer_scale);
    }));
  }
  std::vector<TransformerLayer> layers;
  for (auto& layer : loading) layers.push_back(layer.get());
  return layers;
}

}  // namespace clippath
