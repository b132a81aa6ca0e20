// SPDX-License-Identifier: Apache-2.0
#include "encoder/models/linear.h"

#include <ATen/Context.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/native/quantized/PackedParams.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/sum.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "clippath/core/check.h"

namespace clippath {
namespace {

using PackedParams = c10::intrusive_ptr<LinearPackedParamsBase>;

/// FBGEMM's product of float32 rows with float16 weights, which LibTorch offers as an operator
/// only.
PackedParams prepack(const at::Tensor& weight, const at::Tensor& bias) {
  static const auto op = c10::Dispatcher::singleton()
                             .findSchemaOrThrow("quantized::linear_prepack_fp16", "")
                             .typed<PackedParams(at::Tensor, std::optional<at::Tensor>)>();
  return op.call(weight, bias.defined() ? std::optional(bias) : std::nullopt);
}

bool can_pack() {
  const auto& engines = at::Context::supportedQEngines();
  return std::find(engines.begin(), engines.end(), at::QEngine::FBGEMM) != engines.end();
}

/// Packing would make numbers of infinities and NaN, which must reach the caller. The sum is finite
/// where all of them are: no float16 is large enough to overflow it.
bool all_finite(const at::Tensor& weight) { return std::isfinite(weight.sum().item<float>()); }

}  // namespace

struct Linear::Packed {
  PackedParams product;
};

Linear::Linear(at::Tensor weight, at::Tensor bias)
    : weight_(std::move(weight)), bias_(std::move(bias)) {}

Linear Linear::of_half(at::Tensor weight, at::Tensor bias) {
  CLIPPATH_CHECK(weight.scalar_type() == at::kFloat);
  if (!can_pack() || !all_finite(weight)) return {std::move(weight), std::move(bias)};
  Linear linear;
  linear.packed_ = std::make_shared<const Packed>(prepack(weight, bias));
  return linear;
}

at::Tensor Linear::operator()(const at::Tensor& x) const {
  return packed_ ? packed_->product->apply_dynamic(x) : at::linear(x, weight_, bias_);
}

}  // namespace clippath
