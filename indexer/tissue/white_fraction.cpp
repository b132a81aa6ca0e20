// SPDX-License-Identifier: Apache-2.0
#include "clippath/core/each_processor.h"
#include "clippath/tissue.h"
#include "indexer/tissue/gray_pixels.h"

namespace clippath {
namespace {

/// @param threshold  in [0, 255).
CLIPPATH_FOR_EACH_PROCESSOR
std::uint32_t count_whiter(const PixelPlanes& planes, int threshold) {
  // gray > t is gray * 65536 + rest >= (t + 1) * 65536: no shift, no branch.
  const std::uint32_t least = static_cast<std::uint32_t>(threshold + 1) << 16U;
  const std::size_t count = planes.count;
  std::uint32_t white = 0;
  for (std::size_t i = 0; i < count; ++i) {
    white += gray_sum(planes.red[i], planes.green[i], planes.blue[i]) >= least ? 1U : 0U;
  }
  return white;
}

}  // namespace

std::uint8_t gray_of(std::uint8_t red, std::uint8_t green, std::uint8_t blue) {
  return static_cast<std::uint8_t>(gray_sum(red, green, blue) >> 16U);
}

double white_fraction(const RgbImage& tile, int threshold) {
  if (tile.empty() || threshold >= 255) return 0;
  if (threshold < 0) return 1;
  std::uint32_t white = 0;
  each_planes(tile, [&](const PixelPlanes& planes, std::size_t) {
    white += count_whiter(planes, threshold);
  });
  return static_cast<double>(white) / (static_cast<double>(tile.pixels.size()) / 3);
}

}  // namespace clippath
