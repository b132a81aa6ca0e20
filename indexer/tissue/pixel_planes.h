// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "clippath/core/image.h"

namespace clippath {

/// Consecutive pixels of a picture, each colour by itself: a loop over them becomes vector
/// instructions, one over red, green, blue, red, ... hardly does. Small enough for the first cache.
struct PixelPlanes {
  static constexpr std::size_t kMost = 1024;

  std::size_t count = 0;  ///< of the pixels, up to kMost
  std::uint8_t red[kMost];
  std::uint8_t green[kMost];
  std::uint8_t blue[kMost];
};

/// @param pixels  `[planes.count, 3]`.
void split_pixels(const std::uint8_t* pixels, PixelPlanes& planes);

/// `visit(planes, first)` for all pixels of a picture, in their order; `first` is the number of
/// the first one of these planes.
template <class Visit>
void each_planes(const RgbImage& picture, const Visit& visit) {
  PixelPlanes planes;
  const std::size_t pixels = picture.pixels.size() / 3;
  for (std::size_t first = 0; first < pixels; first += planes.count) {
    planes.count = std::min(PixelPlanes::kMost, pixels - first);
    split_pixels(picture.pixels.data() + 3 * first, planes);
    visit(planes, first);
  }
}

}  // namespace clippath
