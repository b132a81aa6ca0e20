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

/// A tensor of a table, which must have it, as float32.
at::Tensor read_tensor(const TensorTable& tensors, const std::string& name);

/// What a linear layer is loaded with besides its tensors; all of it is worked into the weights
/// once.
struct LinearOptions {
  Fused fused = Fused::kNone;
  double input_factor = 1;          ///< of the inputs
  double output_factor = 1;         ///< of the outputs, before what follows them
  std::string output_factors = {};  ///< whole name of a vector of such factors: LayerScale
};

/// Turns stored tensors into those that a tower computes with: copied, in one arithmetic type. The
/// table was checked against the architecture before, so every name asked for is there. The name of
/// a linear layer or a norm is followed by "weight" and "bias" in the table.
class StoredWeights {
 public:
  /// @param tensors  must outlive this object, not what it gives.
  /// @param type     kFloat or kBFloat16.
  StoredWeights(const TensorTable& tensors, at::ScalarType type) : tensors_(tensors), type_(type) {}

  [[nodiscard]] at::Tensor tensor(const std::string& name) const;
  [[nodiscard]] LayerNorm norm(const std::string& name, double epsilon) const;
  [[nodiscard]] Linear linear(const std::string& name, const LinearOptions& options = {}) const;
  /// Several layers with one input as one, their outputs behind each other.
  [[nodiscard]] Linear joined_linear(const std::vector<std::string>& names) const;
  /// The same of whole names of weights, whose biases lie behind each other in one vector.
  /// @param first  of the vector's numbers that are theirs.
  [[nodiscard]] Linear joined_products(const std::vector<std::string>& names,
                                       const std::string& biases, std::int64_t first) const;
  /// Outputs `first .. first + count - 1` of a stored layer, as one of its own.
  [[nodiscard]] Linear part_of_linear(const std::string& name, std::int64_t first,
                                      std::int64_t count) const;
  /// A layer without a bias, by the whole name of its tensor. Dimensions behind the first are its
  /// inputs.
  [[nodiscard]] Linear product(const std::string& name) const;
  /// The same of a tensor `[inputs, outputs]`.
  [[nodiscard]] Linear product_from_right(const std::string& name) const;

  /// Whether a layer's weights stay float16 while they are computed with (Linear::of_half). Factors
  /// would make other numbers of them.
  [[nodiscard]] bool stays_half(const std::string& name) const;

 private:
  /// @param stored  weights in the type of the file, `[outputs, inputs]`
  [[nodiscard]] Linear joined_product(const std::vector<at::Tensor>& stored, const at::Tensor& bias,
                                      Fused fused = Fused::kNone) const;

  const TensorTable& tensors_;
  at::ScalarType type_;
};

}  // namespace clippath
