// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "encoder/weights/model_config.h"

namespace clippath {

/// Resamples the learned positions of a square grid of patches. Equal sizes give them as they are.
/// @param positions  `[1, side * side, width]`, row-major
/// @return           `[1, rows * columns, width]`, row-major
at::Tensor resample_positions(const at::Tensor& positions, std::int64_t rows, std::int64_t columns,
                              PositionScale scale);

}  // namespace clippath
