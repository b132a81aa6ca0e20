// SPDX-License-Identifier: Apache-2.0
#include "encoder/models/text_transformer.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/zeros_like.h>

#include <limits>

#include "clippath/core/check.h"
#include "encoder/models/appended_token.h"
#include "encoder/weights/tensor_names.h"

namespace clippath {
namespace {

at::Tensor additive_mask(const at::Tensor& mask, at::ScalarType type) {
  if (!mask.defined()) return {};
  at::Tensor added = at::zeros_like(mask, at::TensorOptions().dtype(type));
  added.masked_fill_(mask.logical_not(), -std::numeric_limits<float>::infinity());
  return added.view({mask.size(0), 1, 1, mask.size(1)});
}

at::Tensor masked_mean(const at::Tensor& x, const at::Tensor& mask) {
  if (!mask.defined()) return x.mean(1);
  const at::Tensor weights = mask.to(x.scalar_type()).unsqueeze(-1);
  return x.mul(weights).sum(1).div(weights.sum(1));
}

}  // namespace

TextTransformer::TextTransformer(const StoredWeights& weights, const TextConfig& config)
    : config_(config) {
  const TextNames names = names_of(config.family);
  const std::string& prefix = config.prefix;
  const double epsilon = config.tower.norm_epsilon;
  words_ = weights.tensor(prefix + names.words);
  positions_ = weights.tensor(prefix + names.positions);
  if (config.is_clip()) {
    last_norm_ = weights.norm(prefix + names.last_norm, epsilon);
  } else {
    token_types_ = weights.tensor(prefix + names.token_types);
    embedding_norm_ = weights.norm(prefix + names.first_norm, epsilon);
  }
  layers_ = load_layers(weights, prefix + names.layers, names.layer, config.tower,
                        /*layer_scale=*/false);
  if (config.pooling == TextPooling::kPooler) pooler_ = weights.linear(prefix + names.pooler);
  if (config.pooling == TextPooling::kAppended) {
    appended_ = weights.tensor(prefix + names.appended_token)
                    .add_(positions_.select(0, config.positions - 1))
                    .view({1, 1, config.tower.width});
  }
}

at::Tensor TextTransformer::embed(const TokenBatch& batch) const {
  at::Tensor x = at::embedding(words_, batch.ids);
  if (!config_.is_clip()) {
    x.add_(batch.token_types.defined() ? at::embedding(token_types_, batch.token_types)
                                       : token_types_.narrow(0, 0, 1));
  }
  x.add_(positions_.narrow(0, 0, batch.ids.size(1)));
  return config_.is_clip() ? x : embedding_norm_(x);
}

at::Tensor TextTransformer::run_layers(const TokenBatch& batch, Rows last_rows) const {
  at::Tensor x = embed(batch);
  if (config_.is_clip()) {
    // What stands behind the end of a text changes nothing before it: no mask for padding.
    for (const TransformerLayer& layer : layers_) {
      x = layer.forward_norm_first(x, Rows::kAll, Sight::kBefore);
    }
    return x;
  }
  const at::Tensor mask = additive_mask(batch.mask, x.scalar_type());
  for (const TransformerLayer& layer : layers_) {
    x = layer.forward_norm_last(x, mask, &layer == &layers_.back() ? last_rows : Rows::kAll);
  }
  return x;
}

at::Tensor TextTransformer::appended_token(const at::Tensor& ids) const {
  CLIPPATH_CHECK(ids.size(1) <= config_.text_positions());
  const TokenBatch padded{
      with_padding(ids, config_.padding_token, config_.text_positions()), {}, {}};
  at::Tensor x = at::cat({embed(padded), appended_.expand({ids.size(0), -1, -1})}, 1);
  const at::Tensor mask = appended_token_mask(padded.ids, config_.padding_token);
  for (const TransformerLayer& layer : layers_) {
    const bool is_last = &layer == &layers_.back();
    x = is_last ? layer.forward_norm_first(x, mask.narrow(2, mask.size(2) - 1, 1), Rows::kLast)
                : layer.forward_norm_first(x, mask, Rows::kAll);
  }
  return last_norm_(x.squeeze(1));
}

at::Tensor TextTransformer::end_tokens(const at::Tensor& ids) const {
  // argmax gives the first of equal numbers.
  return config_.end_token ? ids.eq(*config_.end_token).to(at::kInt).argmax(1) : ids.argmax(1);
}

at::Tensor TextTransformer::hidden_states(const TokenBatch& batch) const {
  const at::Tensor x = run_layers(batch, Rows::kAll);
  return config_.is_clip() ? last_norm_(x) : x;
}

at::Tensor TextTransformer::features(const TokenBatch& batch) const {
  switch (config_.pooling) {
    case TextPooling::kMean: return masked_mean(run_layers(batch, Rows::kAll), batch.mask);
    case TextPooling::kCls: return run_layers(batch, Rows::kFirst).squeeze(1);
    case TextPooling::kPooler: return pooler_(run_layers(batch, Rows::kFirst).squeeze(1)).tanh_();
    case TextPooling::kEnd: {
      const at::Tensor x = run_layers(batch, Rows::kAll);
      const at::Tensor rows = at::arange(x.size(0), at::kLong);
      return last_norm_(x.index({rows, end_tokens(batch.ids)}));
    }
    case TextPooling::kAppended: return appended_token(batch.ids);
  }
  return {};
}

}  // namespace clippath
