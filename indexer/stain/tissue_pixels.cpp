// SPDX-License-Identifier: Apache-2.0
#include "indexer/stain/tissue_pixels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <opencv2/imgproc.hpp>

namespace clippath {
namespace {

constexpr int kLeastWhite = 204;
constexpr int kLinearScale = 2040;          // of a channel after gamma: 255 * 8
constexpr int kLuminanceScale = 1U << 12U;  // of the weights of the channels
constexpr std::uint64_t kSeed = 0x9e3779b97f4a7c15U;

/// SplitMix64 (Steele et al., OOPSLA 2014): one number for each index, without a state.
std::uint64_t random_of(std::uint64_t index) {
  std::uint64_t z = (index + 1) * kSeed;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

/// L of OpenCV's integer LAB (2.55 * (116 f(Y) - 16), in 15 bits behind the point), for a luminance
/// of 0..kLinearScale.
int lightness_of(int luminance) {
  const double y = static_cast<double>(luminance) / kLinearScale;
  const double root = y < 216.0 / 24389 ? y * (841.0 / 108) + 16.0 / 116 : std::cbrt(y);
  const auto fixed = std::lround(root * (1 << 15));
  return static_cast<int>((296 * fixed - 1'336'934 + (1 << 14)) >> 15);
}

/// Whether a pixel's L is under kLeastWhite, from its luminance alone: a tenth of the time of the
/// whole conversion. Equal to it for every colour.
class TissueByLuminance {
 public:
  static const TissueByLuminance& instance() {
    static const TissueByLuminance rule;
    return rule;
  }

  /// Copies the pixels that are tissue; gives the end of the copy.
  /// @param out  has room for all of `rgb`.
  std::uint8_t* copy_tissue(std::span<const std::uint8_t> rgb, std::uint8_t* out) const {
    std::size_t i = 0;
    for (; i + kRun <= rgb.size(); i += kRun) {
      const std::span<const std::uint8_t, kRun> run = rgb.subspan(i).first<kRun>();
      if (are_dark(run)) {
        std::memcpy(out, run.data(), kRun);
        out += kRun;
      } else {
        out = copy_each(run, out);
      }
    }
    return copy_each(rgb.subspan(i), out);
  }

 private:
  /// Sixteen pixels, in whole vectors of bytes.
  static constexpr std::size_t kRun = 48;

  /// Whether all are tissue by their green alone, however light red and blue are.
  bool are_dark(std::span<const std::uint8_t, kRun> rgb) const {
    std::uint8_t lighter = 0;
    for (std::size_t i = 0; i < kRun; ++i) lighter |= rgb[i] > dark_[i] ? 1 : 0;
    return lighter == 0;
  }

  /// Each pixel is written, and counts if it is tissue: a branch would be mispredicted at every
  /// edge. It is read whole before it is written: both buffers often lie a multiple of 4096 bytes
  /// apart, and a processor that compares the last bits of addresses would wait for the write
  /// before it reads on.
  std::uint8_t* copy_each(std::span<const std::uint8_t> rgb, std::uint8_t* out) const {
    const int limit = limit_;  // a member would be read anew after each written byte
    for (std::size_t i = 0; i < rgb.size(); i += 3) {
      const std::uint8_t red = rgb[i];
      const std::uint8_t green = rgb[i + 1];
      const std::uint8_t blue = rgb[i + 2];
      out[0] = red;
      out[1] = green;
      out[2] = blue;
      out += std::ptrdiff_t{3} * (red_[red] + green_[green] + blue_[blue] < limit);
    }
    return out;
  }

  TissueByLuminance() {
    for (int level = 0; level < 256; ++level) {
      const double x = level / 255.0;
      const double linear = x <= 0.04045 ? x / 12.92 : std::pow((x + 0.055) / 1.055, 2.4);
      const auto scaled = static_cast<int>(std::lround(linear * kLinearScale));
      const auto i = static_cast<std::size_t>(level);
      red_[i] = 871 * scaled;  // 0.212671, 0.715160, 0.072169 of kLuminanceScale
      green_[i] = 2929 * scaled;
      blue_[i] = 296 * scaled;
    }
    int white = 0;
    while (lightness_of(white) < kLeastWhite) ++white;
    limit_ = white * kLuminanceScale - kLuminanceScale / 2;  // where the rounded luminance is white
    dark_.fill(255);
    std::uint8_t green = 255;
    while (red_[255] + green_[green] + blue_[255] >= limit_) --green;
    for (std::size_t i = 1; i < kRun; i += 3) dark_[i] = green;
  }

  std::array<int, 256> red_{}, green_{}, blue_{};
  int limit_ = 0;
  std::array<std::uint8_t, kRun> dark_{};  ///< no channel above these: tissue, whatever the others
};

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
  const TissueByLuminance& is_tissue = TissueByLuminance::instance();
  std::vector<std::uint8_t> tissue;
  for (const RgbImage& picture : pictures) {
    const std::size_t before = tissue.size();
    tissue.resize(before + picture.size_bytes());
    const std::uint8_t* end = is_tissue.copy_tissue(picture.pixels, tissue.data() + before);
    tissue.resize(static_cast<std::size_t>(end - tissue.data()));
  }
  return tissue;
}

std::vector<std::uint8_t> sample_pixels(std::span<const std::uint8_t> rgb, std::size_t most) {
  const std::size_t count = rgb.size() / 3;
  if (count <= most) return {rgb.begin(), rgb.end()};
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

RgbImage sample_row(const RgbImage& picture) {
  std::vector<std::uint8_t> pixels = sample_pixels(picture.pixels, kSamplePixels);
  const auto count = static_cast<int>(pixels.size() / 3);
  return {count, std::min(count, 1), std::move(pixels)};
}

}  // namespace clippath
