// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "clippath/core/image.h"

namespace clippath {

/// What one look at the colours of a picture gives.
struct ColourMeasures {
  std::vector<std::uint8_t> gray;  ///< `[height, width]`, as gray_pixels
  double black = 0;                ///< share of pixels with no channel above 40, in [0, 1]
  double red_ink = 0;              ///< shares of pixels that have the colour of pen ink, in [0, 1]
  double green_ink = 0;
};
ColourMeasures measure_colours(const RgbImage& picture);

/// Standard deviation, in grays.
double contrast(const std::vector<std::uint8_t>& gray);

/// Mean squared difference of grays 1 px apart, over that of grays 8 px apart: about 1 for noise,
/// .2 to .7 for tissue in focus, below .035 behind a Gaussian of 3 px; the contrast of stain and
/// content cancels out. 1 for a picture without contrast, or below 16 px a side.
/// @param gray  `[height, width]`.
double sharpness(const std::vector<std::uint8_t>& gray, int width, int height);

}  // namespace clippath
