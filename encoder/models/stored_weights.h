// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <initializer_list>
#include <string>

#include "encoder/weights/weights_file.h"

namespace clippath {

/// y = x W^T + b.
struct Linear {
  at::Tensor weight;  ///< `[outputs, inputs]`
  at::Tensor bias;    ///< `[outputs]`; undefined where there is none

  [[nodiscard]] at::Tensor operator()(const at::Tensor& x) const;

  /// The outputs from `first` on alone, sharing the weights.
  [[nodiscard]] Linear outputs(std::int64_t first, std::int64_t count) const;
};

/// Layer normalisation over the last dimension.
struct LayerNorm {
  at::Tensor weight;
  at::Tensor bias;
  double epsilon = 0;

  [[nodiscard]] at::Tensor operator()(const at::Tensor& x) const;
};

/// Turns stored tensors into those that a tower computes with: copied, in one arithmetic type. The
/// table was checked against the architecture before, so every name asked for is there.
class StoredWeights {
 public:
  /// @param type  kFloat or kBFloat16.
  StoredWeights(const TensorTable& tensors, at::ScalarType type) : tensors_(tensors), type_(type) {}

  [[nodiscard]] at::Tensor tensor(const std::string& name) const;
  /// The weight of a layer without bias, `[outputs, inputs]`; a convolution's inner sides are one.
  [[nodiscard]] at::Tensor matrix(const std::string& name) const;
  [[nodiscard]] Linear linear(const std::string& prefix) const;
  [[nodiscard]] LayerNorm norm(const std::string& prefix, double epsilon) const;

  /// Several layers with one input as one, their outputs behind each other.
  [[nodiscard]] Linear joined_linear(std::initializer_list<std::string> prefixes) const;

  /// A layer with its weight and its bias multiplied by a constant each.
  [[nodiscard]] Linear scaled_linear(const std::string& prefix, double weight_scale,
                                     double bias_scale) const;

 private:
  /// The tensor as it lies in the file, which must not outlive it: copy what is kept. (A copy
  /// already where the file does not align it.)
  [[nodiscard]] at::Tensor mapped(const std::string& name) const;

  const TensorTable& tensors_;
  at::ScalarType type_;
};

}  // namespace clippath
