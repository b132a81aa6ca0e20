// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "clippath/tissue.h"

namespace clippath {

/// Pixels of a slide's mask, over what its thumbnail covers.
struct MaskPixels {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> pixels;  ///< `[height, width]`: 0 glass, 1 tissue, 2 hole in tissue
};

/// Otsu's threshold within 25 below the white threshold. A thumbnail of one single gray has no
/// threshold of its own: white_threshold itself tells background.
int luminance_threshold(const std::vector<std::int64_t>& histogram, int white_threshold);

/// `clippath225`: tissue = gray <= luminance_threshold().
MaskPixels luminance_mask(const RgbImage& thumbnail, int white_threshold);

/// `clam`: saturation, median filter, threshold, closing, outlines that are large enough, with
/// their largest holes.
/// @param thumbnail      of clam_level(): the filters have a size in its pixels.
/// @param level0_per_px  side of a thumbnail's pixel in level-0 pixels.
MaskPixels clam_mask(const RgbImage& thumbnail, double level0_per_px, TissuePreset preset);

/// The level that CLAM looks at: the coarsest with at most 64 level-0 px a pixel.
int clam_level(const SlideInfo& slide);

/// `pale`: tissue = a tenth of the pixels within 36 um differ from the slide's glass. A fat cell's
/// wall does, and is thinner than a pixel; what it encloses is glass.
MaskPixels pale_mask(const RgbImage& thumbnail);

}  // namespace clippath
