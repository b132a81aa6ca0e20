// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "clippath/core/image.h"
#include "indexer/tissue/pixel_planes.h"

namespace clippath {

/// Gray in 1/65536, half of one added: Pillow's mode "L" before its lower half is cut off.
inline std::uint32_t gray_sum(std::uint32_t red, std::uint32_t green, std::uint32_t blue) {
  return 19595 * red + 38470 * green + 7471 * blue + 32768;
}

/// `[planes.count]` grays.
void mix_gray(const PixelPlanes& planes, std::uint8_t* gray);

/// `[height, width]` grays of a picture, as gray_of.
std::vector<std::uint8_t> gray_pixels(const RgbImage& image);

/// How often each of the 256 grays occurs.
std::vector<std::int64_t> histogram_of(const std::vector<std::uint8_t>& gray);

/// The gray of glass: the most frequent one from 225 to 254; 225 where these have less than a
/// twentieth of the pixels, so that a picture full of tissue is not its own glass. 255 is not
/// counted: scanners fill what they did not scan with it.
int glass_gray(const std::vector<std::int64_t>& histogram);

}  // namespace clippath
