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

  /// A layer whose weights are float16 numbers, with the results of float32. Where the processor
  /// can (x86 with AVX2, FMA and F16C) they stay float16, in the order in which the product reads
  /// them, and are widened in registers: a product with few rows is then two to four times faster
  /// than a BLAS, which brings them into order each time.
  /// @param weight  `[outputs, inputs]`, kFloat, every number one of float16; kept or copied
  /// @param bias    `[outputs]`, kFloat; undefined where there is none
  static Linear of_half(at::Tensor weight, at::Tensor bias);

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
