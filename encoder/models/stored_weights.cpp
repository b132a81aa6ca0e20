// SPDX-License-Identifier: Apache-2.0
#include "encoder/models/stored_weights.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/layer_norm.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "clippath/core/check.h"

namespace clippath {
namespace {

at::ScalarType scalar_type(TensorType type) {
  switch (type) {
    case TensorType::kF64: return at::kDouble;
    case TensorType::kF32: return at::kFloat;
    case TensorType::kF16: return at::kHalf;
    case TensorType::kBf16: return at::kBFloat16;
    case TensorType::kI64: return at::kLong;
    case TensorType::kI32: return at::kInt;
    case TensorType::kI16: return at::kShort;
    case TensorType::kI8: return at::kChar;
    case TensorType::kU8: return at::kByte;
    case TensorType::kBool: return at::kBool;
  }
  return at::kFloat;
}

/// The tensor as it lies in the mapped file; a copy already where the file does not align it.
at::Tensor mapped(const WeightsFile& file, const std::string& name) {
  const StoredTensor* stored = file.find(name);
  CLIPPATH_CHECK(stored != nullptr);
  const auto options = at::TensorOptions().dtype(scalar_type(stored->type));
  const auto address = reinterpret_cast<std::uintptr_t>(stored->bytes.data());
  if (address % options.dtype().itemsize() == 0) {
    return at::from_blob(const_cast<std::uint8_t*>(stored->bytes.data()), stored->shape, options);
  }
  at::Tensor aligned = at::empty(stored->shape, options);
  std::memcpy(aligned.data_ptr(), stored->bytes.data(), stored->bytes.size());
  return aligned;
}

/// Dimensions behind the first are the inputs of a layer.
at::Tensor mapped_weight(const WeightsFile& file, const std::string& name) {
  return mapped(file, name).flatten(1);
}

/// Weights behind each other, `[outputs, inputs]`; of one alone, what was given.
at::Tensor joined(const std::vector<at::Tensor>& weights) {
  return weights.size() == 1 ? weights.front() : at::cat(weights);
}

}  // namespace

at::Tensor LayerNorm::operator()(const at::Tensor& x) const {
  return at::layer_norm(x, weight.sizes(), weight, bias, epsilon);
}

at::Tensor read_tensor(const WeightsFile& file, const std::string& name) {
  return mapped(file, name).to(at::kFloat, /*non_blocking=*/false, /*copy=*/true);
}

at::Tensor StoredWeights::tensor(const std::string& name) const {
  return read_tensor(file_, name).to(type_);
}

LayerNorm StoredWeights::norm(const std::string& prefix, double epsilon) const {
  return {tensor(prefix + ".weight"), tensor(prefix + ".bias"), epsilon};
}

Linear StoredWeights::linear(const std::string& prefix) const { return joined_linear({prefix}); }

Linear StoredWeights::joined_linear(const std::vector<std::string>& prefixes) const {
  std::vector<at::Tensor> weights;
  std::vector<at::Tensor> biases;
  for (const std::string& prefix : prefixes) {
    weights.push_back(mapped_weight(file_, prefix + ".weight"));
    biases.push_back(tensor(prefix + ".bias"));
  }
  return joined_product(weights, at::cat(biases));
}

Linear StoredWeights::part_of_linear(const std::string& prefix, std::int64_t first,
                                     std::int64_t count) const {
  return joined_product({mapped_weight(file_, prefix + ".weight").narrow(0, first, count)},
                        tensor(prefix + ".bias").narrow(0, first, count).clone());
}

Linear StoredWeights::product(const std::string& name) const {
  return joined_product({mapped_weight(file_, name)}, {});
}

Linear StoredWeights::joined_product(const std::vector<at::Tensor>& stored,
                                     const at::Tensor& bias) const {
  const bool all_half = std::all_of(stored.begin(), stored.end(), [](const at::Tensor& weight) {
    return weight.scalar_type() == at::kHalf;
  });
  const at::Tensor weight = joined(stored).to(type_);
  return all_half && type_ == at::kFloat ? Linear::of_half(weight, bias) : Linear(weight, bias);
}

}  // namespace clippath
