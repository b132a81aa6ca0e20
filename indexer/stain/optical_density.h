// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace clippath {

/// Optical densities of pixels, one array a channel, so that four pixels are worked on at once.
/// Each array is filled up with zeros to a multiple of kLanes.
struct OpticalDensities {
  std::size_t count = 0;
  std::array<std::vector<double>, 3> channels;
};

/// max(-ln(I / 255), 1e-6), where I = 0 counts as 1.
/// @param rgb  `[n, 3]`
OpticalDensities densities_of(std::span<const std::uint8_t> rgb);

/// trunc(255 exp(-density)) without an exponential: a table of 2^16 steps, and one comparison with
/// the density at which the level changes. Exact. Built once; thread-safe.
class LevelOfDensity {
 public:
  static const LevelOfDensity& instance();

  /// @param density  not negative.
  [[nodiscard]] std::uint8_t operator()(double density) const {
    if (density >= kEnd) return 0;
    const std::uint8_t level = levels_[static_cast<std::size_t>(density * kStepsPerUnit)];
    return static_cast<std::uint8_t>(level - (density > darkest_[level] ? 1 : 0));
  }

 private:
  LevelOfDensity();

  static constexpr double kEnd = 6;  // ln 255 = 5.54: all is black beyond
  static constexpr double kStepsPerUnit = 65536 / kEnd;
  std::vector<std::uint8_t> levels_;   ///< of the lower end of each step
  std::array<double, 256> darkest_{};  ///< largest density with this level or a lighter one
};

}  // namespace clippath
