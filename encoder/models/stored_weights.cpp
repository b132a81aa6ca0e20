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

/// A weight as a matrix with its inputs outermost in memory, copied straight into that order and
/// type. A product with few rows then spends far less on bringing the weights into the order in
/// which it reads them.
at::Tensor by_inputs(const at::Tensor& stored, at::ScalarType type) {
  const at::Tensor matrix = stored.flatten(1).t();
  return at::empty(matrix.sizes(), at::TensorOptions().dtype(type)).copy_(matrix).t();
}

}  // namespace

at::Tensor Linear::operator()(const at::Tensor& x) const { return at::linear(x, weight, bias); }

Linear Linear::outputs(std::int64_t first, std::int64_t count) const {
  return {weight.narrow(0, first, count), bias.narrow(0, first, count)};
}

at::Tensor LayerNorm::operator()(const at::Tensor& x) const {
  return at::layer_norm(x, weight.sizes(), weight, bias, epsilon);
}

at::Tensor StoredWeights::mapped(const std::string& name) const {
  const auto found = tensors_.find(name);
  CLIPPATH_CHECK(found != tensors_.end());
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

at::Tensor StoredWeights::tensor(const std::string& name) const {
  return mapped(name).to(at::kFloat).to(type_, /*non_blocking=*/false, /*copy=*/true);
}

at::Tensor StoredWeights::matrix(const std::string& name) const {
  return by_inputs(mapped(name), type_);
}

Linear StoredWeights::linear(const std::string& prefix) const {
  return {matrix(prefix + ".weight"), tensor(prefix + ".bias")};
}

LayerNorm StoredWeights::norm(const std::string& prefix, double epsilon) const {
  return {tensor(prefix + ".weight"), tensor(prefix + ".bias"), epsilon};
}

Linear StoredWeights::joined_linear(std::initializer_list<std::string> prefixes) const {
  std::vector<at::Tensor> parts;
  std::vector<at::Tensor> biases;
  std::int64_t outputs = 0;
  for (const std::string& prefix : prefixes) {
    parts.push_back(mapped(prefix + ".weight").t());
    biases.push_back(tensor(prefix + ".bias"));
    outputs += parts.back().size(1);
  }
  const at::Tensor joined =
      at::empty({parts.front().size(0), outputs}, at::TensorOptions().dtype(type_));
  std::int64_t first = 0;
  for (const at::Tensor& part : parts) {
    joined.narrow(1, first, part.size(1)).copy_(part);
    first += part.size(1);
  }
  return {joined.t(), at::cat(biases)};
}

Linear StoredWeights::scaled_linear(const std::string& prefix, double weight_scale,
                                    double bias_scale) const {
  return {by_inputs(mapped(prefix + ".weight"), at::kFloat).mul_(weight_scale).to(type_),
          mapped(prefix + ".bias").to(at::kFloat).mul(bias_scale).to(type_)};
}

}  // namespace clippath
