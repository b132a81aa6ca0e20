// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace clippath {

/// Physical size of one pixel, in micrometres. Distinct from a plain double so that pixels and
/// micrometres cannot be mixed up.
struct MicronsPerPixel {
  double value = 0;
  friend bool operator==(MicronsPerPixel, MicronsPerPixel) = default;
};

/// A point in the level-0 frame: pixels of the slide's finest level, x to the right, y down, origin
/// at its top left corner.
struct Level0Point {
  std::int64_t x = 0;
  std::int64_t y = 0;
  friend bool operator==(Level0Point, Level0Point) = default;
};

/// A rectangle in the level-0 frame, in level-0 pixels. Its right and bottom edges are outside.
struct Level0Rect {
  std::int64_t x = 0;
  std::int64_t y = 0;
  std::int64_t width = 0;
  std::int64_t height = 0;
  friend bool operator==(const Level0Rect&, const Level0Rect&) = default;
};

struct PixelSize {
  std::int64_t width = 0;
  std::int64_t height = 0;
  friend bool operator==(PixelSize, PixelSize) = default;
};

}  // namespace clippath
