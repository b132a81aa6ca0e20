// SPDX-License-Identifier: Apache-2.0
#include <cstddef>

#include "clippath/core/each_processor.h"
#include "indexer/tissue/quality_measures.h"

namespace clippath {
namespace {

constexpr int kFine = 1;
constexpr int kCoarse = 8;
constexpr int kLeastSide = 2 * kCoarse;

/// Mean squared difference of pixels `step` apart, across and down.
CLIPPATH_FOR_EACH_PROCESSOR
double difference_energy(const std::vector<std::uint8_t>& gray, int width, int height, int step) {
  std::int64_t across = 0;
  std::int64_t down = 0;
  for (int y = 0; y < height; ++y) {
    const std::uint8_t* row = gray.data() + std::ptrdiff_t{y} * width;
    std::int64_t sum = 0;
    for (int x = 0; x + step < width; ++x) {
      const std::int32_t difference = row[x + step] - row[x];
      sum += difference * difference;
    }
    across += sum;
    if (y + step >= height) continue;
    const std::uint8_t* other = row + std::ptrdiff_t{step} * width;
    sum = 0;
    for (int x = 0; x < width; ++x) {
      const std::int32_t difference = other[x] - row[x];
      sum += difference * difference;
    }
    down += sum;
  }
  return static_cast<double>(across) / (static_cast<double>(width - step) * height) +
         static_cast<double>(down) / (static_cast<double>(height - step) * width);
}

}  // namespace

double sharpness(const std::vector<std::uint8_t>& gray, int width, int height) {
  if (width < kLeastSide || height < kLeastSide) return 1;
  const double coarse = difference_energy(gray, width, height, kCoarse);
  if (coarse == 0) return 1;
  return difference_energy(gray, width, height, kFine) / coarse;
}

}  // namespace clippath
