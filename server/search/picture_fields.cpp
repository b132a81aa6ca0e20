// SPDX-License-Identifier: Apache-2.0
#include "server/search/picture_fields.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "clippath/tiling.h"

namespace clippath {
namespace {

/// Starts of `side`-long stretches that cover 0..length evenly, no more than `step` apart.
std::vector<int> starts_along(int length, int side, int step) {
  const int travel = length - side;
  const int intervals = (travel + step - 1) / step;
  std::vector<int> starts;
  for (int i = 0; i <= intervals; ++i) {
    starts.push_back(intervals == 0 ? 0
                                    : static_cast<int>(std::lround(1.0 * travel * i / intervals)));
  }
  return starts;
}

RgbImage cut_square(const RgbImage& picture, int left, int top, int side) {
  RgbImage square{side, side, {}};
  square.pixels.resize(square.size_bytes());
  for (int y = 0; y < side; ++y) {
    std::copy_n(picture.row(top + y) + static_cast<std::size_t>(left) * 3,
                static_cast<std::size_t>(side) * 3, square.row(y));
  }
  return square;
}

}  // namespace

PictureFields cover_picture(const RgbImage& picture, const std::optional<MicronsPerPixel>& mpp,
                            double extent_um, int picture_px) {
  PictureFields covered;
  const int shorter = std::min(picture.width, picture.height);
  int side = shorter;
  if (mpp && extent_um > 0) {
    const double field_px = extent_um / mpp->value;
    if (shorter < field_px * (1 - kFieldTolerance))
      covered.warnings.emplace_back("smaller_than_field");
    if (shorter > field_px * (1 + kFieldTolerance))
      side = std::max(1, static_cast<int>(std::lround(field_px)));
  } else {
    covered.warnings.emplace_back("scale_unknown");
  }

  // Half overlapping, so that a structure at the border of one field lies inside another; side by
  // side where that would be too many.
  std::vector<int> columns;
  std::vector<int> rows;
  int step = std::max(1, side / 2);
  const auto lay = [&] {
    columns = starts_along(picture.width, side, step);
    rows = starts_along(picture.height, side, step);
    return columns.size() * rows.size();
  };
  while (lay() > kMaxPictureFields) {
    if (step == side) covered.warnings.emplace_back("partly_covered");
    const int wider = step + std::max(1, side / 4);
    step = step < side ? std::min(wider, side) : wider;
  }
  for (const int top : rows) {
    for (const int left : columns)
      covered.fields.push_back(to_patch_picture(cut_square(picture, left, top, side), picture_px));
  }
  if (covered.fields.size() > 1) covered.warnings.emplace_back("covered_by_fields");
  return covered;
}

}  // namespace clippath
