// SPDX-License-Identifier: Apache-2.0
#include "indexer/tissue/gray_pixels.h"

#include <algorithm>
#include <numeric>

#include "clippath/tissue.h"

namespace clippath {
namespace {

constexpr int kDarkestGlass = 225;

}  // namespace

std::vector<std::uint8_t> gray_pixels(const RgbImage& image) {
  std::vector<std::uint8_t> gray(image.pixels.size() / 3);
  const std::uint8_t* pixel = image.pixels.data();
  for (std::uint8_t& value : gray) {
    value = gray_of(pixel[0], pixel[1], pixel[2]);
    pixel += 3;
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
