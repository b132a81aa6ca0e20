// SPDX-License-Identifier: Apache-2.0
#include "indexer/slide/openslide/premultiplied.h"

#include <algorithm>

#include "clippath/core/check.h"

namespace clippath {

RgbImage over_background(std::span<const std::uint32_t> argb, int width, int height,
                         std::array<std::uint8_t, 3> background) {
  RgbImage image{width, height, {}};
  CLIPPATH_CHECK(argb.size() * 3 == image.size_bytes());
  image.pixels.resize(image.size_bytes());
  std::uint8_t* out = image.pixels.data();
  for (const std::uint32_t pixel : argb) {
    const std::uint32_t clear = 255 - (pixel >> 24U);
    if (clear == 0) {
      out[0] = static_cast<std::uint8_t>(pixel >> 16U);
      out[1] = static_cast<std::uint8_t>(pixel >> 8U);
      out[2] = static_cast<std::uint8_t>(pixel);
    } else {
      for (unsigned c = 0; c < 3; ++c) {
        const std::uint32_t colour = (pixel >> (16U - 8U * c)) & 255U;
        out[c] = static_cast<std::uint8_t>(
            std::min<std::uint32_t>(255, colour + (background[c] * clear + 127) / 255));
      }
    }
    out += 3;
  }
  return image;
}

}  // namespace clippath
