// SPDX-License-Identifier: Apache-2.0
#include "tests/support/synthetic_slide.h"

#include <algorithm>
#include <string>
#include <utility>

namespace clippath::test {
namespace {

bool contains(const Level0Rect& rect, std::int64_t x, std::int64_t y) {
  return x >= rect.x && x < rect.x + rect.width && y >= rect.y && y < rect.y + rect.height;
}

bool touches(const Level0Rect& a, const Level0Rect& b) {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

}  // namespace

SyntheticSlide::SyntheticSlide(Drawing drawing) : drawing_(std::move(drawing)) {
  info_.vendor = "synthetic";
  info_.bounds = {0, 0, drawing_.width, drawing_.height};
  for (const int downsample : drawing_.downsamples) {
    info_.levels.push_back({{drawing_.width / downsample, drawing_.height / downsample},
                            static_cast<double>(downsample)});
  }
  if (drawing_.mpp) {
    info_.scale = SlideScale{{*drawing_.mpp}, MppSource::kSlideTag, drawing_.axis_ratio};
  }
  info_.objective = drawing_.objective;
}

Result<RgbImage> SyntheticSlide::read(Level0Point origin, int level, PixelSize size) const {
  const std::int64_t step = drawing_.downsamples.at(static_cast<std::size_t>(level));
  const Level0Rect region{origin.x, origin.y, size.width * step, size.height * step};
  for (const Level0Rect& damage : drawing_.damaged) {
    if (touches(region, damage)) {
      return fail(ErrorKind::kCorruption, "damaged at (" + std::to_string(origin.x) + ", " +
                                              std::to_string(origin.y) + ")");
    }
  }
  RgbImage image =
      RgbImage::filled(static_cast<int>(size.width), static_cast<int>(size.height), 255, 255, 255);
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      const std::int64_t level0_x = origin.x + x * step;
      const std::int64_t level0_y = origin.y + y * step;
      const bool tissue =
          std::any_of(drawing_.tissue.begin(), drawing_.tissue.end(),
                      [&](const Level0Rect& rect) { return contains(rect, level0_x, level0_y); });
      if (!tissue) continue;
      std::uint8_t* pixel = image.row(y) + std::ptrdiff_t{x} * 3;
      pixel[0] = static_cast<std::uint8_t>(120 + level0_x / 64 % 60);
      pixel[1] = static_cast<std::uint8_t>(40 + level0_y / 64 % 60);
      pixel[2] = static_cast<std::uint8_t>(130 + (level0_x + 2 * level0_y) / 128 % 60);
    }
  }
  return image;
}

}  // namespace clippath::test
