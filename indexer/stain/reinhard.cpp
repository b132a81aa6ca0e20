// SPDX-License-Identifier: Apache-2.0
#include "indexer/stain/reinhard.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "indexer/stain/tissue_pixels.h"

namespace clippath {
namespace {

/// An 8-bit LAB value in L 0..100, a and b -128..127; single precision, as the reference has it.
double unpack(std::size_t channel, int byte) {
  const auto value = static_cast<float>(byte);
  return channel == 0 ? value / 2.55F : value - 128.F;
}

std::uint8_t pack(std::size_t channel, double value) {
  const double byte = channel == 0 ? value * 2.55 : value + 128;
  return static_cast<std::uint8_t>(std::clamp(byte, 0.0, 255.0));
}

}  // namespace

StainProfile measure_reinhard(std::span<const RgbImage> pictures) {
  StainProfile profile;
  profile.method = StainMethod::kReinhard;
  std::array<std::array<std::int64_t, 256>, 3> counts{};
  std::int64_t pixels = 0;
  for (const RgbImage& picture : pictures) {
    if (picture.empty()) continue;
    const std::vector<std::uint8_t> lab = to_lab8(picture);
    for (std::size_t i = 0; i < lab.size(); i += 3) {
      for (std::size_t c = 0; c < 3; ++c) ++counts[c][lab[i + c]];
    }
    pixels += static_cast<std::int64_t>(lab.size() / 3);
  }
  const auto n = static_cast<double>(std::max<std::int64_t>(pixels, 1));
  for (std::size_t c = 0; c < 3; ++c) {
    double sum = 0;
    for (int byte = 0; byte < 256; ++byte) {
      sum += static_cast<double>(counts[c][static_cast<std::size_t>(byte)]) * unpack(c, byte);
    }
    const double mean = sum / n;
    double squares = 0;
    for (int byte = 0; byte < 256; ++byte) {
      const double away = unpack(c, byte) - mean;
      squares += static_cast<double>(counts[c][static_cast<std::size_t>(byte)]) * away * away;
    }
    profile.lab_mean[c] = mean;
    profile.lab_deviation[c] = std::sqrt(squares / n);
  }
  return profile;
}

RgbImage apply_reinhard(const RgbImage& picture, const StainProfile& source,
                        const StainProfile& target) {
  std::array<std::array<std::uint8_t, 256>, 3> mapped{};
  for (std::size_t c = 0; c < 3; ++c) {
    const double scale =
        source.lab_deviation[c] > 0 ? target.lab_deviation[c] / source.lab_deviation[c] : 1;
    for (int byte = 0; byte < 256; ++byte) {
      const double value = (unpack(c, byte) - source.lab_mean[c]) * scale + target.lab_mean[c];
      mapped[c][static_cast<std::size_t>(byte)] = pack(c, value);
    }
  }
  std::vector<std::uint8_t> lab = to_lab8(picture);
  std::uint8_t* const bytes = lab.data();  // a member would be read anew after each written byte
  for (std::size_t i = 0; i < lab.size(); i += 3) {
    for (std::size_t c = 0; c < 3; ++c) bytes[i + c] = mapped[c][bytes[i + c]];
  }
  return from_lab8(lab, picture.width, picture.height);
}

}  // namespace clippath
