// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>

namespace clippath {

/// What follows a product, where it can in the same pass over its outputs: nothing, the exact GELU,
/// or silu(x) = x sigmoid(x).
enum class Fused { kNone, kGelu, kSilu };

/// y = f(x W^T + b), computed in float32 or bfloat16. Immutable: share freely.
///
/// A BLAS brings the weights into the order in which it reads them at every call; with few rows
/// that is a large part of the product. So weights are brought into such an order once.
class Linear {
 public:
  Linear() = default;  ///< of a tower that has no such layer; not to be called

  /// On x86 the product is oneDNN's; elsewhere, and on a GPU, a BLAS's, with the inputs outermost
  /// in memory. The device of the weights is that of inputs and outputs.
  /// @param weight  `[outputs, inputs]`, kFloat or kBFloat16 (on a GPU kHalf, too), the type that
  /// is
  ///                computed in; copied
  /// @param bias    `[outputs]`, of the same type; undefined where there is none
  Linear(const at::Tensor& weight, const at::Tensor& bias, Fused fused = Fused::kNone);

  /// A layer whose weights are float16 numbers, with the results of float32. Where the processor
  /// can (x86 with AVX2, FMA and F16C) they stay float16 and are widened in registers: a product
  /// with few rows is then two to four times faster.
  /// @param weight  `[outputs, inputs]`, kFloat, every number one of float16; copied
  /// @param bias    `[outputs]`, kFloat; undefined where there is none
  static Linear of_half(const at::Tensor& weight, const at::Tensor& bias,
                        Fused fused = Fused::kNone);

  /// @param x  `[..., inputs]`
  /// @return   `[..., outputs]`, the caller's own
  [[nodiscard]] at::Tensor operator()(const at::Tensor& x) const;

 private:
  struct Product;
  struct HalfProduct;
  struct OneDnnProduct;
  struct BlasProduct;

  std::shared_ptr<const Product> product_;  ///< null in one that is not to be called
};

}  // namespace clippath
