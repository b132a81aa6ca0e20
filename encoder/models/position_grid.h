// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace clippath {

/// How a picture of another size than the trained one gets its positions. Both resample bicubically
/// (a = -0.75, corners not aligned, no antialias) and differ in where a new patch lies among the
/// old ones, x_old = (x + 0.5) / scale - 0.5.
enum class PositionScale {
  kDino,  ///< facebookresearch/dino: scale = (new + 0.1) / old
  kSizes  ///< Hugging Face: scale = new / old
};

/// Resamples the learned positions of a square grid of patches. Equal sizes give them as they are.
/// @param positions  `[1, side * side, width]`, row-major
/// @return           `[1, rows * columns, width]`, row-major
at::Tensor resample_positions(const at::Tensor& positions, std::int64_t rows, std::int64_t columns,
                              PositionScale scale);

}  // namespace clippath
