// SPDX-License-Identifier: Apache-2.0
#include "encoder/models/text_transformer.h"

#include <ATen/ops/embedding.h>
#include <ATen/ops/zeros_like.h>

#include <limits>

namespace clippath {
namespace {

const LayerNames kBertLayer = {.query = "attention.self.query",
                               .key = "attention.self.key",
                               .value = "attention.self.value",
                               .attention_output = "attention.output.dense",
                               .inner = "intermediate.dense",
                               .outer = "output.dense",
                               .attention_norm = "attention.output.LayerNorm",
                               .perceptron_norm = "output.LayerNorm"};

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

TextTransformer::TextTransformer(const StoredWeights& weights, const std::string& prefix,
                                 const TextConfig& config, TextPooling pooling)
    : pooling_(pooling) {
  const std::string embeddings = prefix + "embeddings.";
  words_ = weights.tensor(embeddings + "word_embeddings.weight");
  positions_ = weights.tensor(embeddings + "position_embeddings.weight");
  token_types_ = weights.tensor(embeddings + "token_type_embeddings.weight");
  embedding_norm_ = weights.norm(embeddings + "LayerNorm", config.tower.norm_epsilon);
  layers_ = load_layers(weights, prefix + "encoder.layer.", kBertLayer, config.tower);
  if (pooling == TextPooling::kPooler) pooler_ = weights.linear(prefix + "pooler.dense");
}

at::Tensor TextTransformer::embed(const TokenBatch& batch) const {
  at::Tensor x = at::embedding(words_, batch.ids);
  x.add_(batch.token_types.defined() ? at::embedding(token_types_, batch.token_types)
                                     : token_types_.narrow(0, 0, 1));
  x.add_(positions_.narrow(0, 0, batch.ids.size(1)));
  return embedding_norm_(x);
}

at::Tensor TextTransformer::run_layers(const TokenBatch& batch, Rows last_rows) const {
  at::Tensor x = embed(batch);
  const at::Tensor mask = additive_mask(batch.mask, x.scalar_type());
  for (const TransformerLayer& layer : layers_) {
    x = layer.forward_norm_last(x, mask, &layer == &layers_.back() ? last_rows : Rows::kAll);
  }
  return x;
}

at::Tensor TextTransformer::hidden_states(const TokenBatch& batch) const {
  return run_layers(batch, Rows::kAll);
}

at::Tensor TextTransformer::features(const TokenBatch& batch) const {
  switch (pooling_) {
    case TextPooling::kMean: return masked_mean(run_layers(batch, Rows::kAll), batch.mask);
    case TextPooling::kCls: return run_layers(batch, Rows::kFirst).squeeze(1);
    case TextPooling::kPooler: return pooler_(run_layers(batch, Rows::kFirst).squeeze(1)).tanh_();
  }
  return {};
}

}  // namespace clippath
