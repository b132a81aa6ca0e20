// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <initializer_list>
#include <string>
#include <vector>

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

/// A tensor of a file, which must have it, as float32.
at::Tensor read_tensor(const WeightsFile& file, const std::string& name);

/// Turns stored tensors into those that a tower computes with: copied, in one arithmetic type. The
/// table was checked against the architecture before, so every name asked for is there.
class StoredWeights {
 public:
  /// @param file  must outlive this object, not the tensors.
  /// @param type  kFloat or kBFloat16.
  StoredWeights(const WeightsFile& file, at::ScalarType type) : file_(file), type_(type) {}

  [[nodiscard]] at::Tensor tensor(const std::string& name) const;
  /// The weight of a layer without bias, `[outputs, inputs]`; a convolution's inner sides are one.
  [[nodiscard]] at::Tensor matrix(const std::string& name) const;
  [[nodiscard]] Linear linear(const std::string& prefix) const;
  [[nodiscard]] LayerNorm norm(const std::string& prefix, double epsilon) const;
  /// Several layers with one input as one, their outputs behind each other: a text of a few tokens
  /// is some 5 % faster through one product than through three.
  [[nodiscard]] Linear joined_linear(std::initializer_list<std::string> prefixes) const;

 private:
  /// Weights behind each other, copied once into `[inputs, outputs]` order in memory: a product
  /// with few rows then spends far less on bringing them into the order in which it reads them.
  [[nodiscard]] at::Tensor by_inputs(const std::vector<std::string>& names) const;

  const WeightsFile& file_;
  at::ScalarType type_;
};

}  // namespace clippath
