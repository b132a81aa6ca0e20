// SPDX-License-Identifier: Apache-2.0
#include "indexer/tissue/pixel_planes.h"

#include "clippath/core/each_processor.h"

namespace clippath {

CLIPPATH_FOR_EACH_PROCESSOR
void split_pixels(const std::uint8_t* pixels, PixelPlanes& planes) {
  const std::size_t count = planes.count;
  std::uint8_t* __restrict red = planes.red;
  std::uint8_t* __restrict green = planes.green;
  std::uint8_t* __restrict blue = planes.blue;
  for (std::size_t i = 0; i < count; ++i) {
    red[i] = pixels[3 * i];
    green[i] = pixels[3 * i + 1];
    blue[i] = pixels[3 * i + 2];
  }
}

}  // namespace clippath
