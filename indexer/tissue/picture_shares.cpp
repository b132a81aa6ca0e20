// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "clippath/core/each_processor.h"
#include "indexer/tissue/ink.h"
#include "indexer/tissue/quality_measures.h"

namespace clippath {
namespace {

constexpr int kBlackest = 40;

double share(std::uint32_t pixels, const RgbImage& picture) {
  return static_cast<double>(pixels) / (static_cast<double>(picture.pixels.size()) / 3);
}

}  // namespace

CLIPPATH_FOR_EACH_PROCESSOR
double contrast(const std::vector<std::uint8_t>& gray) {
  if (gray.empty()) return 0;
  std::int64_t sum = 0;
  std::int64_t squares = 0;
  for (const int value : gray) {
    sum += value;
    squares += value * value;
  }
  const auto count = static_cast<double>(gray.size());
  const double mean = static_cast<double>(sum) / count;
  return std::sqrt(std::max(0.0, static_cast<double>(squares) / count - mean * mean));
}

CLIPPATH_FOR_EACH_PROCESSOR
double black_fraction(const RgbImage& picture) {
  if (picture.empty()) return 0;
  std::uint32_t black = 0;
  for (std::size_t i = 0; i < picture.pixels.size(); i += 3) {
    const std::uint8_t* rgb = picture.pixels.data() + i;
    black += std::max(rgb[0], std::max(rgb[1], rgb[2])) <= kBlackest ? 1U : 0U;
  }
  return share(black, picture);
}

CLIPPATH_FOR_EACH_PROCESSOR
InkFractions ink_fractions(const RgbImage& picture) {
  if (picture.empty()) return {};
  std::uint32_t red = 0;
  std::uint32_t green = 0;
  for (std::size_t i = 0; i < picture.pixels.size(); i += 3) {
    const std::uint8_t* rgb = picture.pixels.data() + i;
    red += is_red_ink(rgb[0], rgb[1], rgb[2]) ? 1U : 0U;
    green += is_green_ink(rgb[0], rgb[1], rgb[2]) ? 1U : 0U;
  }
  return {share(red, picture), share(green, picture)};
}

}  // namespace clippath
