// SPDX-License-Identifier: Apache-2.0
#include "clippath/preprocess.h"

#include <algorithm>
#include <cstdint>

#include "clippath/core/check.h"

namespace clippath {
namespace {

// A picture of 1 x 4096 px would become 224 x 917,504 before its middle is cut out: 600 MB for an
// upload of a few bytes. No picture of tissue comes near this ratio.
constexpr int kMaxAspect = 64;

/// The longer side where the shorter one becomes `shortest`: truncated, not rounded.
int longer_side(int shortest, int longer, int shorter) {
  return static_cast<int>(std::int64_t{shortest} * longer / shorter);
}

RgbImage crop(const RgbImage& image, int left, int top, int width, int height) {
  RgbImage cropped{width, height, {}};
  cropped.pixels.resize(cropped.size_bytes());
  for (int y = 0; y < height; ++y) {
    const std::uint8_t* from = image.row(top + y) + std::ptrdiff_t{3} * left;
    std::copy_n(from, std::ptrdiff_t{3} * width, cropped.row(y));
  }
  return cropped;
}

int crop_begin(int size, int crop, CropRule rule) {
  const int half = (size - crop) / 2;
  const bool rounds_up = rule == CropRule::kHalfToEven && (size - crop) % 2 == 1 && half % 2 == 1;
  return rounds_up ? half + 1 : half;
}

bool is_thread(const RgbImage& image) {
  return image.width / kMaxAspect > image.height || image.height / kMaxAspect > image.width;
}

RgbImage middle_of_thread(const RgbImage& image) {
  const int width = std::min(image.width, kMaxAspect * image.height);
  const int height = std::min(image.height, kMaxAspect * image.width);
  return crop(image, (image.width - width) / 2, (image.height - height) / 2, width, height);
}

}  // namespace

RgbImage Preprocessing::fit(const RgbImage& image) const {
  CLIPPATH_CHECK(!image.empty());
  // A fitted picture stays as it is, also where the resize alone would enlarge it: the index fits
  // once and hands the result to the encoder, which fits again.
  if (image.width == input_width() && image.height == input_height()) return image;

  if (shortest_edge > 0 && is_thread(image)) return fit(middle_of_thread(image));

  int width = exact_width;
  int height = exact_height;
  if (shortest_edge > 0) {
    const bool upright = image.width <= image.height;
    width = upright ? shortest_edge : longer_side(shortest_edge, image.width, image.height);
    height = upright ? longer_side(shortest_edge, image.height, image.width) : shortest_edge;
  }
  RgbImage resized = resample(image, width, height, filter);
  if (crop_width == 0) return resized;
  return crop(resized, crop_begin(width, crop_width, crop_rule),
              crop_begin(height, crop_height, crop_rule), crop_width, crop_height);
}

std::array<std::array<float, 256>, 3> Preprocessing::lookup_table() const {
  std::array<std::array<float, 256>, 3> table{};
  for (std::size_t channel = 0; channel < 3; ++channel) {
    for (std::size_t value = 0; value < 256; ++value) {
      table[channel][value] =
          static_cast<float>((static_cast<double>(value) / 255.0 - mean[channel]) / std[channel]);
    }
  }
  return table;
}

}  // namespace clippath
