// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "encoder/models/linear.h"
#include "encoder/weights/weights_file.h"

namespace clippath {

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
  [[nodiscard]] LayerNorm norm(const std::string& prefix, double epsilon) const;
  [[nodiscard]] Linear linear(const std::string& prefix) const;
  /// Several layers with one input as one, their outputs behind each other.
  [[nodiscard]] Linear joined_linear(const std::vector<std::string>& prefixes) const;
  /// Outputs `first .. first + count - 1` of a stored layer, as one of its own.
  [[nodiscard]] Linear part_of_linear(const std::string& prefix, std::int64_t first,
                                      std::int64_t count) const;
  /// A layer without a bias. Dimensions behind the first are its inputs.
  [[nodiscard]] Linear product(const std::string& name) const;

 private:
  /// @param stored  weights in the type of the file, `[outputs, inputs]`
  [[nodiscard]] Linear joined_product(const std::vector<at::Tensor>& stored,
                                      const at::Tensor& bias) const;

  const WeightsFile& file_;
  at::ScalarType type_;
};

}  // namespace clippath
