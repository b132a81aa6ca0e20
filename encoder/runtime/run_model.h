// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>

#include "clippath/core/embedding.h"
#include "clippath/core/result.h"
#include "encoder/runtime/pixel_batch.h"

namespace clippath {

/// The pixels as a tensor over the same memory, `[count, 3, height, width]`; not to be written.
at::Tensor tensor_of(const PixelBatch& pixels);

/// Runs a model in inference mode and copies its rows, float32 `[n, values]`; the one place where
/// LibTorch's exceptions end. Fails: kInternal for these, which the log explains, and for values
/// that are not finite.
Result<EmbeddingMatrix> run_model(const std::function<at::Tensor()>& model);

}  // namespace clippath
