// SPDX-License-Identifier: Apache-2.0
#include "encoder/runtime/run_model.h"

#include <ATen/ops/from_blob.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <string>

#include "clippath/core/log.h"
#include "encoder/runtime/torch_error.h"

namespace clippath {
namespace {

Result<EmbeddingMatrix> check_finite(EmbeddingMatrix matrix) {
  const auto& values = matrix.values;
  if (std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); })) {
    return matrix;
  }
  return fail(ErrorKind::kInternal, "the model gave values that are not finite");
}

}  // namespace

at::Tensor tensor_of(const PixelBatch& pixels) {
  // from_blob wants a pointer to what could be written; models only read.
  return at::from_blob(const_cast<float*>(pixels.values.data()),
                       {static_cast<std::int64_t>(pixels.count), 3, pixels.height, pixels.width},
                       at::kFloat);
}

Result<EmbeddingMatrix> run_model(const std::function<at::Tensor()>& model) {
  try {
    const c10::InferenceMode inference;
    const at::Tensor rows = model().contiguous();
    EmbeddingMatrix matrix = EmbeddingMatrix::zeros(static_cast<std::size_t>(rows.size(0)),
                                                    static_cast<std::size_t>(rows.size(1)));
    std::copy_n(rows.const_data_ptr<float>(), matrix.values.size(), matrix.values.begin());
    return check_finite(std::move(matrix));
  } catch (const std::exception& error) {
    log(LogLevel::kError, std::string("encoder: ") + reason_of(error));
    return fail(ErrorKind::kInternal, "the encoder failed; its log says why");
  }
}

}  // namespace clippath
