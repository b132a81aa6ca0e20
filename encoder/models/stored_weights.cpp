// SPDX-License-Identifier: Apache-2.0
#include "encoder/models/stored_weights.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linear.h>

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

/// A weight as a matrix with its inputs outermost in memory. A product with few rows then spends
/// far less on bringing the weights into the order in which it reads them.
at::Tensor by_inputs(const at::Tensor& weight) { return weight.flatten(1).t().contiguous().t(); }

}  // namespace

at::Tensor Linear::operator()(const at::Tensor& x) const { return at::linear(x, weight, bias); }

Linear Linear::outputs(std::int64_t first, std::int64_t count) const {
  return {weight.narrow(0, first, count), bias.narrow(0, first, count)};
}

at::Tensor LayerNorm::operator()(const at::Tensor& x) const {
  return at::layer_norm(x, weight.sizes(), weight, bias, epsilon);
}

at::Tensor StoredWeights::in_fp32(const std::string& name) const {
  const auto found = tensors_.find(name);
  CLIPPATH_CHECK(found != tensors_.end());
  const StoredTensor& stored = found->second;
  // Copied first: the file promises no alignment, and is unmapped after loading.
  at::Tensor copy = at::empty(stored.shape, at::TensorOptions().dtype(scalar_type(stored.type)));
  std::memcpy(copy.data_ptr(), stored.bytes.data(), stored.bytes.size());
  return copy.to(at::kFloat);
}

at::Tensor StoredWeights::tensor(const std::string& name) const { return in_fp32(name).to(type_); }

at::Tensor StoredWeights::matrix(const std::string& name) const { return by_inputs(tensor(name)); }

Linear StoredWeights::linear(const std::string& prefix) const {
  return {matrix(prefix + ".weight"), tensor(prefix + ".bias")};
}

LayerNorm StoredWeights::norm(const std::string& prefix, double epsilon) const {
  return {tensor(prefix + ".weight"), tensor(prefix + ".bias"), epsilon};
}

Linear StoredWeights::joined_linear(std::initializer_list<std::string> prefixes) const {
  std::vector<at::Tensor> weights;
  std::vector<at::Tensor> biases;
  for (const std::string& prefix : prefixes) {
    weights.push_back(tensor(prefix + ".weight"));
    biases.push_back(tensor(prefix + ".bias"));
  }
  return {by_inputs(at::cat(weights)), at::cat(biases)};
}

Linear StoredWeights::scaled_linear(const std::string& prefix, double weight_scale,
                                    double bias_scale) const {
  return {by_inputs(in_fp32(prefix + ".weight").mul_(weight_scale).to(type_)),
          in_fp32(prefix + ".bias").mul_(bias_scale).to(type_)};
}

}  // namespace clippath
