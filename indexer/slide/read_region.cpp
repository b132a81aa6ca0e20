// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstring>

#include "clippath/core/check.h"
#include "clippath/core/resample.h"
#include "clippath/slide.h"

namespace clippath {
namespace {

// A block of a reduced read: 12 MiB of pixels in memory, whatever the region.
constexpr int kBlockPx = 2048;

/// Means over boxes of factor x factor pixels; a box at the right or bottom edge may be smaller.
RgbImage reduce(const RgbImage& image, int factor) {
  if (factor == 1) return image;
  RgbImage small{(image.width + factor - 1) / factor, (image.height + factor - 1) / factor, {}};
  small.pixels.resize(small.size_bytes());
  for (int y = 0; y < small.height; ++y) {
    for (int x = 0; x < small.width; ++x) {
      const int right = std::min((x + 1) * factor, image.width);
      const int bottom = std::min((y + 1) * factor, image.height);
      std::uint32_t sums[3] = {0, 0, 0};
      for (int v = y * factor; v < bottom; ++v) {
        const std::uint8_t* pixel = image.row(v) + std::ptrdiff_t{x} * factor * 3;
        for (int u = x * factor; u < right; ++u, pixel += 3) {
          for (int c = 0; c < 3; ++c) sums[c] += pixel[c];
        }
      }
      const auto count = static_cast<std::uint32_t>((right - x * factor) * (bottom - y * factor));
      std::uint8_t* out = small.row(y) + std::ptrdiff_t{x} * 3;
      for (int c = 0; c < 3; ++c) out[c] = static_cast<std::uint8_t>((sums[c] + count / 2) / count);
    }
  }
  return small;
}

void paste(const RgbImage& piece, RgbImage& whole, int left, int top) {
  const auto bytes = static_cast<std::size_t>(piece.width) * 3;
  for (int y = 0; y < piece.height; ++y) {
    std::memcpy(whole.row(top + y) + std::ptrdiff_t{left} * 3, piece.row(y), bytes);
  }
}

/// The coarsest level of at most this downsample; level 0 where none is.
int level_for(const SlideInfo& info, double most_downsample) {
  int level = 0;
  for (std::size_t i = 0; i < info.levels.size(); ++i) {
    if (info.levels[i].downsample <= most_downsample) level = static_cast<int>(i);
  }
  return level;
}

std::int64_t scaled(std::int64_t side, double downsample) {
  return std::max<std::int64_t>(1, std::llround(static_cast<double>(side) / downsample));
}

}  // namespace

Result<RgbImage> read_reduced(const SlideReader& slide, Level0Point origin, int level,
                              PixelSize size, int factor) {
  CLIPPATH_CHECK(factor >= 1 && size.width >= 1 && size.height >= 1);
  const auto& levels = slide.info().levels;
  if (level < 0 || level >= static_cast<int>(levels.size())) {
    return fail(ErrorKind::kInvalidArgument, "the slide has no level " + std::to_string(level));
  }
  const double downsample = levels[static_cast<std::size_t>(level)].downsample;
  const std::int64_t block = std::max(1, kBlockPx / factor) * std::int64_t{factor};
  RgbImage whole{static_cast<int>((size.width + factor - 1) / factor),
                 static_cast<int>((size.height + factor - 1) / factor),
                 {}};
  whole.pixels.resize(whole.size_bytes());
  for (std::int64_t y = 0; y < size.height; y += block) {
    for (std::int64_t x = 0; x < size.width; x += block) {
      const Level0Point corner{origin.x + std::llround(static_cast<double>(x) * downsample),
                               origin.y + std::llround(static_cast<double>(y) * downsample)};
      const PixelSize piece{std::min(block, size.width - x), std::min(block, size.height - y)};
      CLIPPATH_TRY(RgbImage pixels, slide.read(corner, level, piece));
      paste(reduce(pixels, factor), whole, static_cast<int>(x / factor),
            static_cast<int>(y / factor));
    }
  }
  return whole;
}

Result<RgbImage> read_region(const SlideReader& slide, const Level0Rect& rect, int target_px) {
  const std::int64_t longer = std::max(rect.width, rect.height);
  if (rect.width < 1 || rect.height < 1 || target_px < 1) {
    return fail(ErrorKind::kInvalidArgument,
                "a region and its picture need sides of at least 1 px");
  }
  const double shrink = std::max(1.0, static_cast<double>(longer) / static_cast<double>(target_px));
  const int level = level_for(slide.info(), shrink);
  const double downsample = slide.info().levels[static_cast<std::size_t>(level)].downsample;
  const PixelSize size{scaled(rect.width, downsample), scaled(rect.height, downsample)};
  // What a slide without fitting levels would need beyond one block is averaged while it is read.
  const std::int64_t read_longer = std::max(size.width, size.height);
  const int factor =
      read_longer <= 2 * kBlockPx
          ? 1
          : static_cast<int>(std::clamp<std::int64_t>(read_longer / target_px, 1, kBlockPx));
  CLIPPATH_TRY(RgbImage image, read_reduced(slide, {rect.x, rect.y}, level, size, factor));
  return resample(image, static_cast<int>(scaled(rect.width, shrink)),
                  static_cast<int>(scaled(rect.height, shrink)), ResampleFilter::kBilinear);
}

}  // namespace clippath
