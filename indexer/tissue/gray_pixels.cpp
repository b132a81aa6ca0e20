// SPDX-License-Identifier: Apache-2.0
#include "indexer/tissue/gray_pixels.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

#include "clippath/core/each_processor.h"

namespace clippath {
namespace {

constexpr int kDarkestGlass = 225;

}  // namespace

CLIPPATH_FOR_EACH_PROCESSOR
void mix_gray(const PixelPlanes& planes, std::uint8_t* gray) {
  const std::size_t count = planes.count;
  for (std::size_t i = 0; i < count; ++i) {
    gray[i] =
        static_cast<std::uint8_t>(gray_sum(planes.red[i], planes.green[i], planes.blue[i]) >> 16U);
  }
}

std::vector<std::uint8_t> gray_pixels(const RgbImage& image) {
  std::vector<std::uint8_t> gray(image.pixels.size() / 3);
  each_planes(image, [&](const PixelPlanes& planes, std::size_t first) {
    mix_gray(planes, gray.data() + first);
  });
  return gray;
}

std::vector<std::int64_t> histogram_of(const std::vector<std::uint8_t>& gray) {
  std::vector<std::int64_t> histogram(256);
  for (const std::uint8_t value : gray) ++histogram[value];
  return histogram;
}

int glass_gray(const std::vector<std::int64_t>& histogram) {
  const auto darkest = histogram.begin() + kDarkestGlass;
  const auto end = histogram.end() - 1;
  const std::int64_t total = std::accumulate(histogram.begin(), histogram.end(), std::int64_t{0});
  if (std::accumulate(darkest, end, std::int64_t{0}) * 20 < total) return kDarkestGlass;
  return static_cast<int>(std::max_element(darkest, end) - histogram.begin());
}

}  // namespace clippath
