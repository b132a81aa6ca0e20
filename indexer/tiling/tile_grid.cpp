// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <string>

#include "clippath/tiling.h"

namespace clippath {
namespace {

// A slide up to a tenth coarser than the encoder's input is taken as it is; beyond that its tiles
// would have to be enlarged.
constexpr double kMostCoarseness = 1.1;
constexpr double kMostOverlap = 0.9;
constexpr double kLeastOverlap = -9;
// 480 MB of tile references; a whole slide at 40x with the smallest field has a tenth of it.
constexpr double kMostTiles = 20e6;

std::int64_t rounded(double value) { return static_cast<std::int64_t>(std::floor(value + 0.5)); }

Result<void> check(FieldOfView field, double overlap, int encoder_px) {
  if (!(field.value > 0) || !std::isfinite(field.value) || encoder_px < 1) {
    return fail(ErrorKind::kInvalidArgument, "the field of view must be a positive number");
  }
  if (!(overlap >= kLeastOverlap && overlap <= kMostOverlap)) {
    return fail(ErrorKind::kInvalidArgument,
                "the overlap must be -9..0.9, is " + std::to_string(overlap));
  }
  return {};
}

/// Sides of a tile in level-0 pixels.
Result<PixelSize> tile_size(const SlideScale* scale, FieldOfView field) {
  double width = field.value;
  double height = field.value;
  if (field.unit == FieldOfView::Unit::kMicrons) {
    if (scale == nullptr) {
      return fail(ErrorKind::kFailedPrecondition,
                  "a field of view in micrometres needs the slide's microns per pixel, which it "
                  "does not state");
    }
    width /= scale->mpp_x();
    height /= scale->mpp_y();
  }
  // Beyond any slide, and beyond what an integer holds.
  if (std::max(width, height) > 1e9) {
    return fail(ErrorKind::kInvalidArgument, "the field of view is too large");
  }
  return PixelSize{rounded(width), rounded(height)};
}

/// Where the tiles of one axis begin, counted from i so that no error accumulates.
std::vector<std::int64_t> origins(std::int64_t begin, std::int64_t length, std::int64_t extent,
                                  double stride, EdgePolicy edge) {
  std::vector<std::int64_t> starts;
  const std::int64_t end = begin + length;
  for (std::int64_t i = 0;; ++i) {
    const std::int64_t start =
        rounded(static_cast<double>(begin) + static_cast<double>(i) * stride);
    if (start + extent > end && edge == EdgePolicy::kDrop) return starts;
    if (start >= end) return starts;  // the edge lies in a gap
    starts.push_back(start);
    if (start + extent >= end) return starts;
  }
}

}  // namespace

std::string_view to_string(EdgePolicy edge) {
  switch (edge) {
    case EdgePolicy::kDrop: return "drop";
    case EdgePolicy::kPad: return "pad";
  }
  return "drop";
}

Result<EdgePolicy> parse_edge_policy(std::string_view text) {
  for (const EdgePolicy edge : {EdgePolicy::kDrop, EdgePolicy::kPad}) {
    if (text == to_string(edge)) return edge;
  }
  return fail({ErrorKind::kInvalidArgument,
               "edge: must be drop or pad, is '" + std::string(text) + "'", "edge", "drop, pad"});
}

Result<TileGrid> make_tile_grid(const SlideInfo& slide, const SlideScale* scale, FieldOfView field,
                                double overlap, int encoder_px, const TilePolicy& policy) {
  CLIPPATH_TRY_VOID(check(field, overlap, encoder_px));
  TileGrid grid;
  CLIPPATH_TRY(const PixelSize size, tile_size(scale, field));
  const auto width = static_cast<double>(size.width);
  const auto height = static_cast<double>(size.height);
  if (std::min(width, height) * kMostCoarseness < encoder_px && !policy.allow_upsampling) {
    return fail(ErrorKind::kFailedPrecondition,
                "the slide is too coarse for this field of view: it has " +
                    std::to_string(std::min(size.width, size.height)) +
                    " px where the encoder needs " + std::to_string(encoder_px) +
                    "; choose a larger field of view, or --allow-upsampling");
  }
  const double stride_x = width * (1 - overlap);
  const double stride_y = height * (1 - overlap);
  const double across = std::max(1.0, static_cast<double>(slide.bounds.width) / stride_x);
  const double down = std::max(1.0, static_cast<double>(slide.bounds.height) / stride_y);
  if (std::min(stride_x, stride_y) < 1 || across * down > kMostTiles) {
    return fail(ErrorKind::kInvalidArgument,
                "the field of view is too small or the overlap too large: more than 20 million "
                "tiles on one slide");
  }

  grid.level0_extent = size.width;
  grid.level0_height = size.height;
  grid.extent_um = scale == nullptr ? 0 : width * scale->mpp_x();
  grid.read = plan_patch_read(slide, size, encoder_px);

  const auto columns =
      origins(slide.bounds.x, slide.bounds.width, size.width, stride_x, policy.edge);
  const auto rows =
      origins(slide.bounds.y, slide.bounds.height, size.height, stride_y, policy.edge);
  grid.columns = static_cast<std::int64_t>(columns.size());
  grid.rows = static_cast<std::int64_t>(rows.size());
  grid.tiles.reserve(columns.size() * rows.size());
  for (const std::int64_t y : rows) {
    for (const std::int64_t x : columns) {
      grid.tiles.push_back({static_cast<std::int64_t>(grid.tiles.size()), {x, y}});
    }
  }
  const bool readable =
      std::max(grid.read.size.width, grid.read.size.height) <= kMostReadSide || grid.tiles.empty();
  if (!readable) {
    return fail(ErrorKind::kFailedPrecondition,
                "a field of view has " + std::to_string(std::max(size.width, size.height)) +
                    " level-0 px, and the slide has no level on which that is at most " +
                    std::to_string(kMostReadSide) + "; choose a smaller one");
  }
  return grid;
}

}  // namespace clippath
