// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "indexer/tissue/gray_pixels.h"
#include "indexer/tissue/mask_pixels.h"

namespace clippath {
namespace {

constexpr int kThresholdSlack = 25;

}  // namespace

int luminance_threshold(const std::vector<std::int64_t>& histogram, int white_threshold) {
  return std::clamp(otsu_threshold(histogram).value_or(white_threshold),
                    white_threshold - kThresholdSlack, white_threshold);
}

MaskPixels luminance_mask(const RgbImage& thumbnail, int white_threshold) {
  MaskPixels mask{thumbnail.width, thumbnail.height, gray_pixels(thumbnail)};
  const int threshold = luminance_threshold(histogram_of(mask.pixels), white_threshold);
  for (std::uint8_t& pixel : mask.pixels) pixel = pixel <= threshold ? 1 : 0;
  return mask;
}

}  // namespace clippath
