// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "clippath/stain.h"

namespace clippath {

/// As many pixels as are worked on at a time: what is known of them stays in the nearest cache.
inline constexpr std::size_t kBlockPixels = 256;

/// Calls `work` for block after block of at most kBlockPixels pixels.
/// @param rgb  `[n, 3]`
template <class Work>
void for_each_block(std::span<const std::uint8_t> rgb, const Work& work) {
  for (std::size_t first = 0; first < rgb.size(); first += 3 * kBlockPixels) {
    work(rgb.subspan(first, std::min(3 * kBlockPixels, rgb.size() - first)));
  }
}

/// Optical densities of pixels, one array a channel, so that four pixels are worked on at once.
/// Each array is filled up with zeros to a multiple of kLanes.
struct OpticalDensities {
  std::size_t count = 0;
  std::array<std::vector<double>, 3> channels;
};

/// max(-ln(I / 255), 1e-6) for each level I, where 0 counts as 1.
const std::array<double, 256>& density_of_level();

/// @param rgb  `[n, 3]`
OpticalDensities densities_of(std::span<const std::uint8_t> rgb);

/// Two numbers for each pixel of a block: products with two vectors, amounts of two stains.
using PairBlock = std::array<std::array<double, kBlockPixels>, 2>;

/// Products of the densities of pixels with two vectors. A level of a channel always adds the same
/// to both, so a table of 12 KB holds all products: two additions a pixel, and the same bytes as by
/// multiplication.
class DensityProducts {
 public:
  explicit DensityProducts(const StainMatrix& vectors);

  /// @param rgb  `[n, 3]`, n at most kBlockPixels; what lies beyond in `products` stays as it is.
  void operator()(std::span<const std::uint8_t> rgb, PairBlock& products) const;

 private:
  using Pair = double __attribute__((vector_size(16)));
  std::array<std::array<Pair, 256>, 3> of_level_;
};

/// trunc(255 exp(-density)) without an exponential: a table of steps so small that the level
/// changes once within one at most, and one comparison with the density at which it does. Exact.
/// Built once; thread-safe.
class LevelOfDensity {
 public:
  static const LevelOfDensity& instance();

  static constexpr double kBlack = 6;  ///< ln 255 = 5.54: all is black from here on
  static constexpr int kStepsPerUnit = 512;

  /// @param density  0..kBlack
  /// @param step     trunc(density * kStepsPerUnit)
  [[nodiscard]] std::uint8_t at(double density, std::int32_t step) const {
    const std::uint8_t level = levels_[static_cast<std::size_t>(step)];
    return static_cast<std::uint8_t>(level - (density > darkest_[level] ? 1 : 0));
  }

 private:
  LevelOfDensity();

  std::array<std::uint8_t, static_cast<std::size_t>(kBlack) * kStepsPerUnit + 1>
      levels_{};                       ///< of the lower end of each step
  std::array<double, 256> darkest_{};  ///< largest density with this level or a lighter one
};

}  // namespace clippath
