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
at::Tensor mapped(const TensorTable& tensors, const std::string& name) {
  const auto found = tensors.find(name);
  CLIPPATH_CHECK(found != tensors.end());
  const StoredTensor& stored = found->second;
  const auto options = at::TensorOptions().dtype(scalar_type(stored.type));
  const auto address = reinterpret_cast<std::uintptr_t>(stored.bytes.data());
  if (address % options.dtype().itemsize() == 0) {
    return at::from_blob(const_cast<std::uint8_t*>(stored.bytes.data()), stored.shape, options);
  }
  at::Tensor aligned = at::empty(stored.shape, options);
  std::memcpy(aligned.data_ptr(), stored.bytes.data(), stored.bytes.size());
  return aligned;
}

/// Dimensions behind the first are the inputs of a layer.
at::Tensor mapped_weight(const TensorTable& tensors, const std::string& name) {
  return mapped(tensors, name).flatten(1);
}

/// Weights behind each other, `[outputs, inputs]`; of one alone, what was given.
at::Tensor joined(const std::vector<at::Tensor>& weights) {
  return weights.size() == 1 ? weights.front() : at::cat(weights);
}

}  // namespace

at::Tensor LayerNorm::operator()(const at::Tensor& x) const {
  return at::layer_norm(x, weight.sizes(), weight, bias, epsilon);
}

at::Tensor read_tensor(const TensorTable& tensors, const std::string& name) {
  return mapped(tensors, name).to(at::kFloat, /*non_blocking=*/false, /*copy=*/true);
}

at::Tensor StoredWeights::tensor(const std::string& name) const {
  return read_tensor(tensors_, name).to(type_);
}

LayerNorm StoredWeights::norm(const std::string& name, double epsilon) const {
  return {tensor(name + "weight"), tensor(name + "bias"), epsilon};
}

Linear StoredWeights::linear(const std::string& name, const LinearOptions& options) const {
  const bool scaled =
      options.input_factor != 1 || options.output_factor != 1 || !options.output_factors.empty();
  at::Tensor weight = mapped_weight(tensors_, name + "weight");
  at::Tensor bias = read_tensor(tensors_, name + "bias");
  if (scaled) {
    weight = weight.to(at::kFloat).mul(options.input_factor * options.output_factor);
    bias.mul_(options.output_factor);
  }
  if (!options.output_factors.empty()) {
    const at::Tensor factors = read_tensor(tensors_, options.output_factors);
    weight.mul_(factors.unsqueeze(1));
    bias.mul_(factors);
  }
  return joined_product({weight}, bias.to(type_), options.fused);
}

bool StoredWeights::stays_half(const std::string& name) const {
  const auto found = tensors_.find(name + "weight");
  CLIPPATH_CHECK(found != tensors_.end());
  return type_ == at::kFloat && found->second.type == TensorType::kF16;
}

Linear StoredWeights::joined_linear(const std::vector<std::string>& names) const {
  std::vector<at::Tensor> weights;
  std::vector<at::Tensor> biases;
  for (const std::string& name : names) {
    weights.push_back(mapped_weight(tensors_, name + "weight"));
    biases.push_back(tensor(name + "bias"));
  }
  return joined_product(weights, at::cat(biases));
}

Linear StoredWeights::joined_products(const std::vector<std::string>& names,
                                      const std::string& biases, std::int64_t first) const {
  std::vector<at::Tensor> weights;
  std::int64_t outputs = 0;
  for (const std::string& name : names) {
    weights.push_back(mapped_weight(tensors_, name));
    outputs += weights.back().size(0);
  }
  return joined_product(weights, tensor(biases).narrow(0, first, outputs).clone());
}

Linear StoredWeights::part_of_linear(const std::string& name, std::int64_t first,
                                     std::int64_t count) const {
  return joined_product({mapped_weight(tensors_, name + "weight").narrow(0, first, count)},
                        tensor(name + "bias").narrow(0, first, count).clone());
}

Linear StoredWeights::product(const std::string& name) const {
  return joined_product({mapped_weight(tensors_, name)}, {});
}

Linear StoredWeights::product_from_right(const std::string& name) const {
  return joined_product({mapped(tensors_, name).t()}, {});
}

Linear StoredWeights::joined_product(const std::vector<at::Tensor>& stored, const at::Tensor& bias,
                                     Fused fused) const {
  const bool all_half = std::all_of(stored.begin(), stored.end(), [](const at::Tensor& weight) {
    return weight.scalar_type() == at::kHalf;
  });
  const at::Tensor weight = joined(stored).to(type_);
  return all_half && type_ == at::kFloat ? Linear::of_half(weight, bias, fused)
                                         : Linear(weight, bias, fused);
}

}  // namespace clippath
