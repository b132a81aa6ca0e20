// SPDX-License-Identifier: Apache-2.0
#include "encoder/models/position_grid.h"

#include <ATen/ops/_upsample_bicubic2d_aa.h>
#include <ATen/ops/upsample_bicubic2d.h>

#include <cmath>

namespace clippath {
namespace {

// facebookresearch/dino adds it so that a product of floating numbers does not end just below the
// size that is meant; it reaches the coordinates, too, and trained positions were used with it.
constexpr double kDinoOffset = 0.1;

}  // namespace

at::Tensor resample_positions(const at::Tensor& positions, std::int64_t rows, std::int64_t columns,
                              PositionScale scale) {
  const std::int64_t count = positions.size(1);
  const auto side = static_cast<std::int64_t>(std::llround(std::sqrt(static_cast<double>(count))));
  if (rows == side && columns == side) return positions;
  const std::int64_t width = positions.size(2);
  // In float32: LibTorch has the antialiased one for no smaller type.
  const at::Tensor grid =
      positions.view({1, side, side, width}).permute({0, 3, 1, 2}).to(at::kFloat);
  const auto in_rows = [&](const at::Tensor& resampled) {
    return resampled.permute({0, 2, 3, 1})
        .reshape({1, rows * columns, width})
        .to(positions.scalar_type());
  };
  if (scale == PositionScale::kAntialiased) {
    return in_rows(at::_upsample_bicubic2d_aa(grid, {rows, columns}, /*align_corners=*/false));
  }
  const double offset = scale == PositionScale::kDino ? kDinoOffset : 0;
  const auto scale_to = [&](std::int64_t size) {
    return (static_cast<double>(size) + offset) / static_cast<double>(side);
  };
  return in_rows(at::upsample_bicubic2d(grid, {rows, columns}, /*align_corners=*/false,
                                        scale_to(rows), scale_to(columns)));
}

}  // namespace clippath
