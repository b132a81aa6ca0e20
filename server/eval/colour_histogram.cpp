// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "clippath/colour_baseline.h"

namespace clippath {
namespace {

constexpr int kBinsPerAxis = 8;

/// Bins of one axis, in the 8 bits of OpenCV: L* * 2.55, a* + 128, b* + 128.
struct Axis {
  int first;
  int width;

  [[nodiscard]] int bin(std::uint8_t value) const {
    return std::clamp((value - first) / width, 0, kBinsPerAxis - 1);
  }
};

constexpr std::array<Axis, 3> kAxes = {{{0, 32}, {112, 10}, {88, 8}}};

}  // namespace

Embedding colour_histogram(const RgbImage& picture) {
  Embedding histogram(kColourBins, 0);
  if (picture.empty()) return histogram;
  const cv::Mat rgb(picture.height, picture.width, CV_8UC3,
                    const_cast<std::uint8_t*>(picture.pixels.data()));
  cv::Mat lab;
  cv::cvtColor(rgb, lab, cv::COLOR_RGB2Lab);
  std::array<std::size_t, kColourBins> counts{};
  for (auto pixel = lab.begin<cv::Vec3b>(); pixel != lab.end<cv::Vec3b>(); ++pixel) {
    int bin = 0;
    for (int axis = 0; axis < 3; ++axis) {
      bin = bin * kBinsPerAxis + kAxes[static_cast<std::size_t>(axis)].bin((*pixel)[axis]);
    }
    ++counts[static_cast<std::size_t>(bin)];
  }
  const auto pixels = static_cast<double>(lab.total());
  for (std::size_t bin = 0; bin < kColourBins; ++bin) {
    histogram[bin] = static_cast<float>(std::sqrt(static_cast<double>(counts[bin]) / pixels));
  }
  return histogram;
}

}  // namespace clippath
