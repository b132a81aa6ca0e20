// SPDX-License-Identifier: Apache-2.0
#include "encoder/runtime/convert_weights.h"

#include <ATen/ops/isfinite.h>
#include <c10/core/InferenceMode.h>

#include <exception>
#include <string>
#include <vector>

#include "clippath/core/log.h"
#include "encoder/models/stored_weights.h"
#include "encoder/runtime/torch_error.h"
#include "encoder/weights/weights_writer.h"

namespace clippath {
namespace {

at::ScalarType scalar_type(TensorType type) {
  switch (type) {
    case TensorType::kF16: return at::kHalf;
    case TensorType::kBf16: return at::kBFloat16;
    default: return at::kFloat;
  }
}

TensorType stored_type(const StoredTensor& tensor, std::optional<TensorType> type) {
  const bool changes = type && is_floating(tensor.type) && !tensor.shape.empty();
  return changes ? *type : tensor.type;
}

Result<void> append_converted(WeightsWriter& writer, const TensorTable& tensors,
                              const TensorPlan& plan) {
  const at::Tensor values = read_tensor(tensors, plan.name).to(scalar_type(plan.type)).contiguous();
  if (!at::isfinite(values).all().item<bool>()) {
    return fail(ErrorKind::kInvalidArgument,
                "tensor " + plan.name + ": holds numbers that are not finite as " +
                    std::string(to_string(plan.type)) + "; choose another type");
  }
  return writer.append(
      {static_cast<const std::uint8_t*>(values.const_data_ptr()), values.nbytes()});
}

}  // namespace

Result<void> convert_weights(const TensorTable& tensors, std::optional<TensorType> type,
                             const std::filesystem::path& path) {
  std::vector<TensorPlan> plan;
  for (const auto& [name, tensor] : tensors) {
    plan.push_back({name, stored_type(tensor, type), tensor.shape});
  }
  // transformers refuses a file that does not say which library it is for.
  CLIPPATH_TRY(WeightsWriter writer,
               WeightsWriter::create(path, std::move(plan), {{"format", "pt"}}));
  try {
    const c10::InferenceMode inference;
    for (const TensorPlan& tensor : writer.plan()) {
      const StoredTensor& stored = tensors.find(tensor.name)->second;
      CLIPPATH_TRY_VOID(stored.type == tensor.type ? writer.append(stored.bytes)
                                                   : append_converted(writer, tensors, tensor));
    }
  } catch (const std::exception& error) {
    log(LogLevel::kError, std::string("converting weights: ") + reason_of(error));
    return fail(ErrorKind::kInternal, "a tensor could not be converted; the log says why");
  }
  return writer.commit();
}

}  // namespace clippath
