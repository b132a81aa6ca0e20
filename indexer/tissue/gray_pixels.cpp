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
std::vector<std::uint8_t> gray_pixels(const RgbImage& image) {
  std::vector<std::uint8_t> gray(image.pixels.size() / 3);
  const std::uint8_t* pixel = image.pixels.data();
  std::uint8_t* value = gray.data();
  const std::size_t count = gray.size();
  for (std::size_t i = 0; i < count; ++i) {
    value[i] = static_cast<std::uint8_t>(
        gray_sum(pixel[3 * i], pixel[3 * i + 1], pixel[3 * i + 2]) >> 16U);
  }
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
