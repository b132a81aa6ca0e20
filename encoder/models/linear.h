// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>

namespace clippath {

/// y = x W^T + b, computed in float32 or bfloat16. Immutable: share freely.
class Linear {
 public:
  Linear() = default;  ///< of a tower that has no such layer; not to be called

  /// @param weight  `[outputs, inputs]`, in the arithmetic type; kept, not copied
  /// @param bias    `[outputs]`; undefined where there is none
  Linear(at::Tensor weight, at::Tensor bias);

  /// A layer whose weights are float16 numbers: they stay float16, in the order in which the
  /// product reads them, and are widened in registers, so results are those of float32. A product
  /// with few rows is two to four times faster than a BLAS, which brings them into order each time.
  /// @param weight  `[outputs, inputs]`, kFloat, finite float16 numbers; copied
  /// @param bias    `[outputs]`, kFloat; undefined where there is none
  static Linear of_half(const at::Tensor& weight, const at::Tensor& bias);

  /// Whether this processor has what of_half needs (x86 with AVX2, FMA and F16C).
  static bool can_keep_half();

  /// @param x  `[..., inputs]`
  /// @return   `[..., outputs]`, the caller's own
  [[nodiscard]] at::Tensor operator()(const at::Tensor& x) const;

 private:
  struct Packed;

  at::Tensor weight_;
  at::Tensor bias_;
  std::shared_ptr<const Packed> packed_;  ///< null where weight_ is used
};

}  // namespace clippath
