// SPDX-License-Identifier: Apache-2.0
#include "clippath/core/each_processor.h"
#include "clippath/tissue.h"
#include "indexer/tissue/gray_pixels.h"

namespace clippath {

std::uint8_t gray_of(std::uint8_t red, std::uint8_t green, std::uint8_t blue) {
  return static_cast<std::uint8_t>(gray_sum(red, green, blue) >> 16U);
}

CLIPPATH_FOR_EACH_PROCESSOR
double white_fraction(const RgbImage& tile, int threshold) {
  if (tile.empty() || threshold >= 255) return 0;
  if (threshold < 0) return 1;
  // gray > t is gray * 65536 + rest >= (t + 1) * 65536: no shift, no branch, and the loop becomes
  // vector instructions.
  const std::uint32_t least = static_cast<std::uint32_t>(threshold + 1) << 16U;
  const std::size_t count = tile.pixels.size() / 3;
  const std::uint8_t* pixel = tile.pixels.data();
  std::uint32_t white = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t sum = gray_sum(pixel[3 * i], pixel[3 * i + 1], pixel[3 * i + 2]);
    white += sum >= least ? 1U : 0U;
  }
  return static_cast<double>(white) / static_cast<double>(count);
}

}  // namespace clippath
