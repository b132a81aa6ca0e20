// SPDX-License-Identifier: Apache-2.0
#include "clippath/tissue.h"

namespace clippath {
namespace {

// Weights of Pillow's mode "L", in 1/65536.
constexpr std::uint32_t kRed = 19595;
constexpr std::uint32_t kGreen = 38470;
constexpr std::uint32_t kBlue = 7471;
constexpr std::uint32_t kHalf = 32768;

}  // namespace

std::uint8_t gray_of(std::uint8_t red, std::uint8_t green, std::uint8_t blue) {
  return static_cast<std::uint8_t>((kRed * red + kGreen * green + kBlue * blue + kHalf) >> 16U);
}

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
    const std::uint32_t sum =
        kRed * pixel[3 * i] + kGreen * pixel[3 * i + 1] + kBlue * pixel[3 * i + 2] + kHalf;
    white += sum >= least ? 1U : 0U;
  }
  return static_cast<double>(white) / static_cast<double>(count);
}

}  // namespace clippath
