// SPDX-License-Identifier: Apache-2.0
#include "encoder/models/stored_weights.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linear.h>

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

}  // namespace

at::Tensor Linear::operator()(const at::Tensor& x) const { return at::linear(x, weight, bias); }

Linear Linear::outputs(std::int64_t first, std::int64_t count) const {
  return {weight.narrow(0, first, count), bias.narrow(0, first, count)};
}

at::Tensor LayerNorm::operator()(const at::Tensor& x) const {
  return at::layer_norm(x, weight.sizes(), weight, bias, epsilon);
}

at::Tensor read_tensor(const WeightsFile& file, const std::string& name) {
  return mapped(file, name).to(at::kFloat, /*non_blocking=*/false, /*copy=*/true);
}

at::Tensor StoredWeights::tensor(const std::string& name) const {
  return read_tensor(file_, name).to(type_);
}

at::Tensor StoredWeights::matrix(const std::string& name) const { return by_inputs({name}); }

at::Tensor StoredWeights::by_inputs(const std::vector<std::string>& names) const {
  std::vector<at::Tensor> stored;
  std::int64_t outputs = 0;
  for (const std::string& name : names) {
    stored.push_back(mapped(file_, name).flatten(1).t());
    outputs += stored.back().size(1);
  }
  const at::Tensor joined =
      at::empty({stored.front().size(0), outputs}, at::TensorOptions().dtype(type_));
  std::int64_t first = 0;
  for (const at::Tensor& part : stored) {
    joined.narrow(1, first, part.size(1)).copy_(part);
    first += part.size(1);
  }
  return joined.t();
}

Linear StoredWeights::linear(const std::string& prefix) const {
  return {matrix(prefix + ".weight"), tensor(prefix + ".bias")};
}

Linear StoredWeights::joined_linear(std::initializer_list<std::string> prefixes) const {
  std::vector<std::string> weights;
  std::vector<at::Tensor> biases;
  for (const std::string& prefix : prefixes) {
    weights.push_back(prefix + ".weight");
    biases.push_back(tensor(prefix + ".bias"));
  }
  return {by_inputs(weights), at::cat(biases)};
}

LayerNorm StoredWeights::norm(const std::string& prefix, double epsilon) const {
  return {tensor(prefix + ".weight"), tensor(prefix + ".bias"), epsilon};
}

}  // namespace clippath
