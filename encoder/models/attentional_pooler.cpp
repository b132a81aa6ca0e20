// SPDX-License-Identifier: Apache-2.0
#include "encoder/models/attentional_pooler.h"

#include <ATen/ops/scaled_dot_product_attention.h>

#include <string>

#include "encoder/weights/tensor_names.h"

namespace clippath {

AttentionalPooler::AttentionalPooler(const StoredWeights& weights,
                                     const AttentionalPoolerConfig& config)
    : width_(config.width), heads_(config.heads) {
  const AttentionalPoolerNames names = attentional_pooler_names();
  const std::string& prefix = config.prefix;
  const double epsilon = config.norm_epsilon;
  const std::string biases = prefix + names.biases;
  const LayerNorm query_norm = weights.norm(prefix + names.query_norm, epsilon);
  const Linear query_product = weights.joined_products({prefix + names.query_product}, biases, 0);
  query_ = query_product(query_norm(weights.tensor(prefix + names.query))).view({1, 1, width_});
  key_norm_ = weights.norm(prefix + names.key_norm, epsilon);
  key_value_ = weights.joined_products({prefix + names.key_product, prefix + names.value_product},
                                       biases, width_);
  attention_output_ = weights.linear(prefix + names.attention_output);
  last_norm_ = weights.norm(prefix + names.last_norm, epsilon);
}

at::Tensor AttentionalPooler::operator()(const at::Tensor& tokens) const {
  const std::int64_t n = tokens.size(0);
  const auto heads_of = [&](const at::Tensor& x) {
    return x.reshape({n, x.size(1), heads_, width_ / heads_}).transpose(1, 2);
  };
  const at::Tensor key_value = key_value_(key_norm_(tokens));
  const at::Tensor key = heads_of(key_value.narrow(2, 0, width_));
  const at::Tensor value = heads_of(key_value.narrow(2, width_, width_));
  const at::Tensor query = heads_of(query_.expand({n, 1, width_}));
  const at::Tensor attended = at::scaled_dot_product_attention(query, key, value);
  return last_norm_(attention_output_(attended.transpose(1, 2).reshape({n, width_})));
}

}  // namespace clippath
