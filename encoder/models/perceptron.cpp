// SPDX-License-Identifier: Apache-2.0
#include "encoder/models/perceptron.h"

#include <ATen/ops/silu.h>

namespace clippath {
namespace {

// quick_gelu(x) = x sigmoid(1.702 x) = silu(1.702 x) / 1.702
constexpr double kQuickGelu = 1.702;

}  // namespace

Perceptron::Perceptron(const StoredWeights& weights, const std::string& prefix,
                       const LayerNames& names, Activation activation, bool layer_scale)
    : kind_(Kind::kFused) {
  LinearOptions inner;
  LinearOptions outer;
  if (layer_scale) outer.output_factors = prefix + names.perceptron_scale;
  switch (activation) {
    case Activation::kGelu: inner.fused = Fused::kGelu; break;
    case Activation::kSwiGlu: kind_ = Kind::kGated; break;
    case Activation::kQuickGelu:
      if (weights.stays_half(prefix + names.inner)) {
        kind_ = Kind::kQuickGelu;
        break;
      }
      inner.fused = Fused::kSilu;  // its factors become the layers' own
      inner.output_factor = kQuickGelu;
      outer.input_factor = 1 / kQuickGelu;
      break;
  }
  inner_ = weights.linear(prefix + names.inner, inner);
  outer_ = weights.linear(prefix + names.outer, outer);
}

at::Tensor Perceptron::operator()(const at::Tensor& x) const {
  at::Tensor inner = inner_(x);
  switch (kind_) {
    case Kind::kFused: break;
    case Kind::kQuickGelu: at::silu_(inner.mul_(kQuickGelu)).mul_(1 / kQuickGelu); break;
    case Kind::kGated: {
      const std::int64_t half = inner.size(-1) / 2;
      inner = at::silu(inner.narrow(-1, 0, half)).mul_(inner.narrow(-1, half, half));
      break;
    }
  }
  return outer_(inner);
}

}  // namespace clippath
