// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <random>

#include "clippath/core/image.h"

namespace clippath::test {

/// A picture of random bytes.
inline RgbImage noise(int width, int height, std::mt19937& random) {
  RgbImage picture = RgbImage::filled(width, height, 0, 0, 0);
  for (std::uint8_t& byte : picture.pixels) byte = static_cast<std::uint8_t>(random());
  return picture;
}

inline RgbImage noise(int width, int height, unsigned seed) {
  std::mt19937 random(seed);
  return noise(width, height, random);
}

}  // namespace clippath::test
