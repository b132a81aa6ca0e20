// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "clippath/core/resample.h"
#include "clippath/tiling.h"

namespace clippath {
namespace {

// Downsamples are quotients of rounded sizes: 4.0003 still serves where 4 would.
constexpr double kDownsampleTolerance = 1e-3;

}  // namespace

PatchRead plan_patch_read(const SlideInfo& slide, std::int64_t level0_extent, int encoder_px) {
  const auto extent = static_cast<double>(level0_extent);
  const double most_downsample = extent / encoder_px * (1 + kDownsampleTolerance);
  std::size_t best = 0;
  for (std::size_t i = 1; i < slide.levels.size(); ++i) {
    const double downsample = slide.levels[i].downsample;
    if (downsample <= most_downsample && downsample > slide.levels[best].downsample) best = i;
  }
  const int read_px = static_cast<int>(std::ceil(extent / slide.levels[best].downsample - 1e-9));
  return {static_cast<int>(best), read_px};
}

RgbImage to_patch_picture(RgbImage tile) {
  const int longer = std::max(tile.width, tile.height);
  if (longer <= kPatchPicturePx) return tile;
  const auto side = [longer](int px) {
    return std::max(
        1, static_cast<int>(std::lround(static_cast<double>(px) * kPatchPicturePx / longer)));
  };
  return resample(tile, side(tile.width), side(tile.height), ResampleFilter::kBicubic);
}

Result<RgbImage> read_patch_picture(const SlideReader& slide, Level0Point origin,
                                    std::int64_t level0_extent, int encoder_px) {
  const PatchRead read = plan_patch_read(slide.info(), level0_extent, encoder_px);
  CLIPPATH_TRY(RgbImage tile, slide.read(origin, read.level, {read.read_px, read.read_px}));
  return to_patch_picture(std::move(tile));
}

}  // namespace clippath
