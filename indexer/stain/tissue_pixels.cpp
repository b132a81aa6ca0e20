// SPDX-License-Identifier: Apache-2.0
#include "indexer/stain/tissue_pixels.h"

#include <opencv2/imgproc.hpp>

namespace clippath {
namespace {

constexpr int kLeastWhite = 204;
constexpr std::uint64_t kSeed = 0x9e3779b97f4a7c15U;

/// SplitMix64 (Steele et al., OOPSLA 2014): one number for each index, without a state.
std::uint64_t random_of(std::uint64_t index) {
  std::uint64_t z = (index + 1) * kSeed;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

}  // namespace

std::vector<std::uint8_t> to_lab8(const RgbImage& picture) {
  std::vector<std::uint8_t> lab(picture.size_bytes());
  // OpenCV has no view of constant pixels; this one is only read.
  const cv::Mat rgb(picture.height, picture.width, CV_8UC3,
                    const_cast<std::uint8_t*>(picture.pixels.data()));
  cv::Mat out(picture.height, picture.width, CV_8UC3, lab.data());
  cv::cvtColor(rgb, out, cv::COLOR_RGB2Lab);
  return lab;
}

RgbImage from_lab8(const std::vector<std::uint8_t>& lab, int width, int height) {
  RgbImage picture{width, height, std::vector<std::uint8_t>(lab.size())};
  const cv::Mat in(height, width, CV_8UC3, const_cast<std::uint8_t*>(lab.data()));
  cv::Mat out(height, width, CV_8UC3, picture.pixels.data());
  cv::cvtColor(in, out, cv::COLOR_Lab2RGB);
  return picture;
}

std::vector<std::uint8_t> tissue_pixels(std::span<const RgbImage> pictures) {
  std::vector<std::uint8_t> tissue;
  for (const RgbImage& picture : pictures) {
    if (picture.empty()) continue;
    const std::vector<std::uint8_t> lab = to_lab8(picture);
    for (std::size_t i = 0; i < lab.size(); i += 3) {
      if (lab[i] >= kLeastWhite) continue;
      const std::uint8_t* rgb = picture.pixels.data() + i;
      tissue.insert(tissue.end(), rgb, rgb + 3);
    }
  }
  return tissue;
}

std::vector<std::uint8_t> sample_pixels(const std::vector<std::uint8_t>& rgb, std::size_t most) {
  const std::size_t count = rgb.size() / 3;
  if (count <= most) return rgb;
  std::vector<std::uint8_t> sample;
  sample.reserve(most * 3);
  for (std::size_t i = 0; i < most; ++i) {
    const std::size_t first = i * count / most;
    const std::size_t length = (i + 1) * count / most - first;
    const std::uint8_t* pixel = rgb.data() + 3 * (first + random_of(i) % length);
    sample.insert(sample.end(), pixel, pixel + 3);
  }
  return sample;
}

}  // namespace clippath
