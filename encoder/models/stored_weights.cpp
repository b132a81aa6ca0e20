// SPDX-License-Identifier: Apache-2.0
#include "encoder/models/stored_weights.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linear.h>

#include <cstdint>
#include <cstring>

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

at::Tensor LayerNorm::operator()(const at::Tensor& x) const {
  return at::layer_norm(x, weight.sizes(), weight, bias, epsilon);
}

at::Tensor read_tensor(const WeightsFile& file, const std::string& name) {
  return mapped(file, name).to(at::kFloat, /*non_blocking=*/false, /*copy=*/true);
}

at::Tensor StoredWeights::tensor(const std::string& name) const {
  return read_tensor(file_, name).to(type_);
}

at::Tensor StoredWeights::matrix(const std::string& name) const {
  // Inputs outermost in memory: a product with few rows then spends far less on bringing the
  // weights into the order in which it reads them.
  const at::Tensor by_inputs = mapped(file_, name).flatten(1).t();
  return at::empty(by_inputs.sizes(), at::TensorOptions().dtype(type_)).copy_(by_inputs).t();
}

Linear StoredWeights::linear(const std::string& prefix) const {
  return {matrix(prefix + ".weight"), tensor(prefix + ".bias")};
}

LayerNorm StoredWeights::norm(const std::string& prefix, double epsilon) const {
  return {tensor(prefix + ".weight"), tensor(prefix + ".bias"), epsilon};
}

}  // namespace clippath
