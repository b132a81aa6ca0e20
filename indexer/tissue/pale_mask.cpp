// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "indexer/tissue/gray_pixels.h"
#include "indexer/tissue/mask_pixels.h"

namespace clippath {
namespace {

// At 8 um a pixel a wall of a fat cell has lost most of its contrast.
constexpr int kLeastDarker = 10;
constexpr int kLeastColour = 15;
constexpr int kWindowPx = 9;
constexpr double kLeastShare = 0.1;

}  // namespace

MaskPixels pale_mask(const RgbImage& thumbnail) {
  const std::vector<std::uint8_t> gray = gray_pixels(thumbnail);
  const int glass = glass_gray(histogram_of(gray));
  cv::Mat differs(thumbnail.height, thumbnail.width, CV_32FC1);
  auto* differs_at = differs.ptr<float>();
  const std::uint8_t* rgb = thumbnail.pixels.data();
  for (std::size_t i = 0; i < gray.size(); ++i, rgb += 3) {
    const auto [least, most] = std::minmax({rgb[0], rgb[1], rgb[2]});
    const bool is_tissue = glass - gray[i] >= kLeastDarker || most - least >= kLeastColour;
    differs_at[i] = is_tissue ? 1.0F : 0.0F;
  }
  cv::Mat share;
  cv::boxFilter(differs, share, CV_32FC1, cv::Size(kWindowPx, kWindowPx), cv::Point(-1, -1), true,
                cv::BORDER_REPLICATE);
  MaskPixels mask{thumbnail.width, thumbnail.height, std::vector<std::uint8_t>(gray.size())};
  const auto* shares = share.ptr<float>();
  for (std::size_t i = 0; i < gray.size(); ++i) mask.pixels[i] = shares[i] >= kLeastShare ? 1 : 0;
  return mask;
}

}  // namespace clippath
