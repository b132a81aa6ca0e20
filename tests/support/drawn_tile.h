// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <vector>

#include "clippath/core/image.h"

namespace clippath::test {

using Rgb = std::array<int, 3>;

/// Dark discs on pink, with the grain of a camera: in focus.
inline RgbImage drawn_tissue(int side = 299, Rgb ground = {220, 150, 190},
                             Rgb disc = {90, 50, 120}) {
  std::mt19937 random(5);
  RgbImage tile{side, side, {}};
  tile.pixels.resize(tile.size_bytes());
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      const int dx = x % 40 - 20;
      const int dy = y % 40 - 20;
      const Rgb& colour = dx * dx + dy * dy < 80 ? disc : ground;
      const int grain = static_cast<int>(random() % 13) - 6;
      for (std::size_t c = 0; c < 3; ++c) {
        tile.row(y)[x * 3 + static_cast<int>(c)] =
            static_cast<std::uint8_t>(std::clamp(colour[c] + grain, 0, 255));
      }
    }
  }
  return tile;
}

inline void fill(RgbImage& tile, int left, int top, int right, int bottom, Rgb colour) {
  for (int y = top; y < bottom; ++y) {
    for (int x = left; x < right; ++x) {
      for (std::size_t c = 0; c < 3; ++c) {
        tile.row(y)[x * 3 + static_cast<int>(c)] = static_cast<std::uint8_t>(colour[c]);
      }
    }
  }
}

/// Behind a Gaussian of `sigma` px, cut at three sigma, edges repeated.
inline RgbImage blurred(const RgbImage& tile, double sigma) {
  const int reach = static_cast<int>(std::ceil(3 * sigma));
  std::vector<double> weights;
  double sum = 0;
  for (int i = -reach; i <= reach; ++i) {
    weights.push_back(std::exp(-0.5 * i * i / (sigma * sigma)));
    sum += weights.back();
  }
  const auto pass = [&](const RgbImage& from, bool across) {
    RgbImage to = from;
    for (int y = 0; y < from.height; ++y) {
      for (int x = 0; x < from.width; ++x) {
        for (int c = 0; c < 3; ++c) {
          double value = 0;
          for (int i = -reach; i <= reach; ++i) {
            const int px = std::clamp(across ? x + i : x, 0, from.width - 1);
            const int py = std::clamp(across ? y : y + i, 0, from.height - 1);
            value += weights[static_cast<std::size_t>(i + reach)] * from.row(py)[px * 3 + c];
          }
          to.row(y)[x * 3 + c] = static_cast<std::uint8_t>(std::lround(value / sum));
        }
      }
    }
    return to;
  };
  return pass(pass(tile, true), false);
}

}  // namespace clippath::test
