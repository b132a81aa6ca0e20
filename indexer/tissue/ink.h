// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace clippath {

/// Red ink: far more red than green, and hardly more blue than green. Eosin and haematoxylin leave
/// more blue; blood and brown leave less red.
inline bool is_red_ink(int red, int green, int blue) {
  const int excess = red - green;
  return excess >= 110 && 4 * (blue - green) <= excess;
}

/// Green ink: no stain of haematoxylin and eosin leaves more green than red and blue.
inline bool is_green_ink(int red, int green, int blue) {
  return green - red >= 20 && green >= blue;
}

}  // namespace clippath
