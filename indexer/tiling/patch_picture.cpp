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

PatchRead plan_patch_read(const SlideInfo& slide, PixelSize level0_size, int encoder_px) {
  const auto shorter = static_cast<double>(std::min(level0_size.width, level0_size.height));
  const double most_downsample = shorter / encoder_px * (1 + kDownsampleTolerance);
  std::size_t best = 0;
  for (std::size_t i = 1; i < slide.levels.size(); ++i) {
    const double downsample = slide.levels[i].downsample;
    if (downsample <= most_downsample && downsample > slide.levels[best].downsample) best = i;
  }
  const auto side = [&](std::int64_t level0) {
    const double exact = static_cast<double>(level0) / slide.levels[best].downsample;
    return static_cast<std::int64_t>(std::ceil(exact - 1e-9));
  };
  return {static_cast<int>(best),
          {side(level0_size.width), side(level0_size.height)},
          patch_picture_px(encoder_px)};
}

RgbImage to_patch_picture(RgbImage picture, int longest_px) {
  const int longer = std::max(picture.width, picture.height);
  if (longer <= longest_px) return picture;
  const auto side = [longer, longest_px](int px) {
    return std::max(1,
                    static_cast<int>(std::lround(static_cast<double>(px) * longest_px / longer)));
  };
  return resample(picture, side(picture.width), side(picture.height), ResampleFilter::kBicubic);
}

RgbImage to_square_patch_picture(RgbImage tile, int longest_px) {
  if (tile.width == tile.height) return to_patch_picture(std::move(tile), longest_px);
  const int side = std::min({tile.width, tile.height, longest_px});
  return resample(tile, side, side, ResampleFilter::kBicubic);
}

Result<RgbImage> read_patch_picture(const SlideReader& slide, const Level0Rect& rect,
                                    int encoder_px) {
  const PatchRead read = plan_patch_read(slide.info(), {rect.width, rect.height}, encoder_px);
  CLIPPATH_TRY(RgbImage tile, slide.read({rect.x, rect.y}, read.level, read.size));
  return to_square_patch_picture(std::move(tile), read.picture_px);
}

}  // namespace clippath
