// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace clippath {

/// Red ink: far more red than green, and hardly more blue than green; the stronger the red, the
/// more blue may go with it. Eosin and haematoxylin leave more blue; blood and brown leave less
/// red.
inline bool is_red_ink(int red, int green, int blue) {
  const int excess = red - green;
  return (excess >= 105 && 4 * (blue - green) <= excess) ||
         (excess >= 130 && 5 * (blue - green) <= 2 * excess);
}

/// Green ink: no stain of haematoxylin and eosin leaves more green than red and blue.
inline bool is_green_ink(int red, int green, int blue) {
  return green - red >= 20 && green >= blue;
}

}  // namespace clippath
