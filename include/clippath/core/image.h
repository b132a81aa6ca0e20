// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace clippath {

/// An RGB picture, 8 bits a channel, `[height, width, 3]`, rows without padding.
struct RgbImage {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> pixels;

  static RgbImage filled(int width, int height, std::uint8_t red, std::uint8_t green,
                         std::uint8_t blue) {
    RgbImage image{width, height, {}};
    image.pixels.resize(image.size_bytes());
    for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
      image.pixels[i] = red;
      image.pixels[i + 1] = green;
      image.pixels[i + 2] = blue;
    }
    return image;
  }

  [[nodiscard]] std::size_t size_bytes() const {
    return static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3;
  }
  [[nodiscard]] bool empty() const { return width == 0 || height == 0; }

  /// First byte of row y, 0 <= y < height.
  [[nodiscard]] const std::uint8_t* row(int y) const {
    return pixels.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(width) * 3;
  }
  std::uint8_t* row(int y) {
    return pixels.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(width) * 3;
  }

  friend bool operator==(const RgbImage&, const RgbImage&) = default;
};

}  // namespace clippath
