// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "clippath/core/image.h"

namespace clippath {

/// Lays OpenSlide's pixels (native-endian `0xAARRGGBB`, premultiplied) over a background colour.
/// @param argb  `[height, width]`
RgbImage over_background(std::span<const std::uint32_t> argb, int width, int height,
                         std::array<std::uint8_t, 3> background);

}  // namespace clippath
