// SPDX-License-Identifier: Apache-2.0
#include "encoder/models/linear.h"

#include <ATen/Context.h>
#include <ATen/core/List.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/native/quantized/PackedParams.h>
#include <ATen/ops/clone.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/sum.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>

#include "clippath/core/check.h"

namespace clippath {

/// A product that holds its weights as it reads them.
struct Linear::Product {
  virtual ~Product() = default;
  [[nodiscard]] virtual at::Tensor operator()(const at::Tensor& x) const = 0;
};

namespace {

using OptionalTensor = std::optional<at::Tensor>;

OptionalTensor optional(const at::Tensor& bias) {
  return bias.defined() ? OptionalTensor(bias) : std::nullopt;
}

/// An operator that has no function in LibTorch's C++ interface; nothing where this LibTorch was
/// built without it.
template <class Signature>
std::optional<c10::TypedOperatorHandle<Signature>> find_operator(const char* name) {
  const auto schema = c10::Dispatcher::singleton().findSchema({name, ""});
  if (!schema) return std::nullopt;
  return schema->typed<Signature>();
}

/// FBGEMM's product of float32 rows with float16 weights.
namespace fbgemm {

using Params = c10::intrusive_ptr<LinearPackedParamsBase>;

Params prepack(const at::Tensor& weight, const at::Tensor& bias) {
  static const auto op =
      find_operator<Params(at::Tensor, OptionalTensor)>("quantized::linear_prepack_fp16");
  return op.value().call(weight, optional(bias));
}

bool works() {
  const auto& engines = at::Context::supportedQEngines();
  return std::find(engines.begin(), engines.end(), at::QEngine::FBGEMM) != engines.end();
}

}  // namespace fbgemm

/// oneDNN's product in float32 or bfloat16.
namespace onednn {

using Reorder = at::Tensor(const at::Tensor& weight, std::optional<std::int64_t> rows);
using Product = at::Tensor(const at::Tensor& x, const at::Tensor& weight,
                           const OptionalTensor& bias, std::string_view activation,
                           c10::List<std::optional<at::Scalar>> scalars,
                           std::optional<std::string_view> algorithm);

const auto& reorder() {
  static const auto op = find_operator<Reorder>("mkldnn::_reorder_linear_weight");
  return op;
}

const auto& product() {
  static const auto op = find_operator<Product>("mkldnn::_linear_pointwise");
  return op;
}

/// What oneDNN asks of a processor before it computes in a type at all.
bool processor_suffices(at::ScalarType type) {
#if defined(__x86_64__)
  if (type == at::kFloat) return __builtin_cpu_supports("avx2");
  return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512dq");
#else
  return false;
#endif
}

bool works(at::ScalarType type) {
  return at::hasMKLDNN() && processor_suffices(type) && reorder() && product();
}

}  // namespace onednn

/// The names of oneDNN for what follows the product.
std::string_view name_of(Fused fused) {
  switch (fused) {
    case Fused::kNone: return "none";
    case Fused::kGelu: return "gelu";
    case Fused::kSilu: return "swish";
  }
  return "none";
}

at::Tensor apply(Fused fused, at::Tensor y) {
  switch (fused) {
    case Fused::kNone: break;
    case Fused::kGelu: at::gelu_(y); break;
    case Fused::kSilu: at::silu_(y); break;
  }
  return y;
}

/// Packing would make numbers of infinities and NaN, which must reach the caller. The sum is finite
/// where all of them are: no float16 is large enough to overflow it.
bool all_finite(const at::Tensor& weight) { return std::isfinite(weight.sum().item<float>()); }

}  // namespace

struct Linear::HalfProduct final : Linear::Product {
  HalfProduct(const at::Tensor& weight, const at::Tensor& bias, Fused then)
      : params(fbgemm::prepack(weight, bias)), fused(then) {}

  [[nodiscard]] at::Tensor operator()(const at::Tensor& x) const override {
    return apply(fused, params->apply_dynamic(x));
  }

  const fbgemm::Params params;
  const Fused fused;
};

struct Linear::OneDnnProduct final : Linear::Product {
  OneDnnProduct(const at::Tensor& stored, const at::Tensor& added, Fused then)
      : weight(onednn::reorder()->call(stored, std::nullopt)), bias(optional(added)), fused(then) {}

  [[nodiscard]] at::Tensor operator()(const at::Tensor& x) const override {
    const auto algorithm =
        fused == Fused::kGelu ? std::optional<std::string_view>("none") : std::nullopt;
    return onednn::product()->call(x, weight, bias, name_of(fused),
                                   c10::List<std::optional<at::Scalar>>(), algorithm);
  }

  const at::Tensor weight;
  const OptionalTensor bias;
  const Fused fused;
};

struct Linear::BlasProduct final : Linear::Product {
  BlasProduct(const at::Tensor& stored, const at::Tensor& added, Fused then)
      : weight(stored.t().clone(at::MemoryFormat::Contiguous).t()), bias(added), fused(then) {}

  [[nodiscard]] at::Tensor operator()(const at::Tensor& x) const override {
    return apply(fused, at::linear(x, weight, bias));
  }

  const at::Tensor weight;
  const at::Tensor bias;
  const Fused fused;
};

Linear::Linear(const at::Tensor& weight, const at::Tensor& bias, Fused fused) {
  if (weight.is_cpu() && onednn::works(weight.scalar_type())) {
    product_ = std::make_shared<const OneDnnProduct>(weight, bias, fused);
  } else {
    product_ = std::make_shared<const BlasProduct>(weight, bias, fused);
  }
}

Linear Linear::of_half(const at::Tensor& weight, const at::Tensor& bias, Fused fused) {
  CLIPPATH_CHECK(weight.scalar_type() == at::kFloat);
  if (!fbgemm::works() || !all_finite(weight)) return {weight, bias, fused};
  Linear linear;
  linear.product_ = std::make_shared<const HalfProduct>(weight, bias, fused);
  return linear;
}

at::Tensor Linear::operator()(const at::Tensor& x) const { return (*product_)(x); }

}  // namespace clippath
