// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "clippath/core/each_processor.h"

namespace clippath {

inline constexpr std::size_t kColourLanes = 16;

/// One colour of so many pixels.
using ColourLanes = std::int16_t __attribute__((vector_size(2 * kColourLanes)));

CLIPPATH_INLINE_LANES ColourLanes load_colours(const std::uint8_t* bytes) {
  ColourLanes values;
  for (std::size_t i = 0; i < kColourLanes; ++i) values[i] = bytes[i];
  return values;
}

/// Red ink: far more red than green, and hardly more blue than green; the stronger the red, the
/// more blue may go with it. Eosin and haematoxylin leave more blue; blood and brown leave less
/// red.
/// @tparam Value  int, or ColourLanes, which get -1 for true.
template <class Value>
CLIPPATH_INLINE_LANES auto is_red_ink(Value red, Value green, Value blue) {
  const Value excess = red - green;
  const Value bluer = blue - green;
  return ((excess >= 105) & (4 * bluer <= excess)) | ((excess >= 130) & (5 * bluer <= 2 * excess));
}

/// Green ink: no stain of haematoxylin and eosin leaves more green than red and blue.
template <class Value>
CLIPPATH_INLINE_LANES auto is_green_ink(Value red, Value green, Value blue) {
  return (green - red >= 20) & (green >= blue);
}

}  // namespace clippath
