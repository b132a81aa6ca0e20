// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "clippath/core/each_processor.h"
#include "indexer/tissue/quality_measures.h"

namespace clippath {
namespace {

constexpr int kFine = 1;
constexpr int kCoarse = 8;
constexpr int kLeastSide = 2 * kCoarse;
// Grays whose squares certainly add up to less than 2^31.
constexpr int kMostGrays = 32'768;

/// Sum of the squared differences of two lines of grays.
/// @param count  at most kMostGrays.
CLIPPATH_FOR_EACH_PROCESSOR
std::int32_t squared_distance(const std::uint8_t* a, const std::uint8_t* b, int count) {
  std::int32_t sum = 0;
  for (int i = 0; i < count; ++i) {
    const auto difference = static_cast<std::int16_t>(a[i] - b[i]);
    sum += difference * difference;
  }
  return sum;
}

/// The same of lines of any length.
std::int64_t distance_of_lines(const std::uint8_t* a, const std::uint8_t* b, int count) {
  std::int64_t sum = 0;
  for (int i = 0; i < count; i += kMostGrays) {
    sum += squared_distance(a + i, b + i, std::min(kMostGrays, count - i));
  }
  return sum;
}

/// Mean squared difference of pixels `step` apart, across and down.
double difference_energy(const std::vector<std::uint8_t>& gray, int width, int height, int step) {
  std::int64_t across = 0;
  std::int64_t down = 0;
  for (int y = 0; y < height; ++y) {
    const std::uint8_t* row = gray.data() + std::ptrdiff_t{y} * width;
    across += distance_of_lines(row, row + step, width - step);
    if (y + step < height) {
      down += distance_of_lines(row, row + std::ptrdiff_t{step} * width, width);
    }
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
