// SPDX-License-Identifier: Apache-2.0
#include "indexer/stain/optical_density.h"

#include <algorithm>
#include <cmath>

#include "indexer/stain/lanes.h"

namespace clippath {
namespace {

constexpr double kLeastDensity = 1e-6;

std::array<double, 256> make_density_table() {
  std::array<double, 256> table{};
  for (int level = 0; level < 256; ++level) {
    const double light = std::max(level, 1) / 255.0;
    table[static_cast<std::size_t>(level)] = std::max(-std::log(light), kLeastDensity);
  }
  return table;
}

std::uint8_t exact_level(double density) {
  return static_cast<std::uint8_t>(255 * std::exp(-density));
}

/// The largest double whose level is `level`, 1..255: near ln(255 / level), to the last bit of what
/// exp() makes of it.
double last_density_of(int level) {
  const double edge = std::log(255.0 / level);
  double inside = std::max(0.0, edge - 1e-9);
  double outside = edge + 1e-9;
  while (true) {
    const double middle = inside + (outside - inside) / 2;
    if (middle == inside || middle == outside) return inside;
    (exact_level(middle) >= level ? inside : outside) = middle;
  }
}

}  // namespace

const std::array<double, 256>& density_of_level() {
  static const std::array<double, 256> table = make_density_table();
  return table;
}

OpticalDensities densities_of(std::span<const std::uint8_t> rgb) {
  const std::array<double, 256>& table = density_of_level();
  OpticalDensities densities;
  densities.count = rgb.size() / 3;
  const std::size_t filled = (densities.count + kLanes - 1) / kLanes * kLanes;
  for (std::size_t c = 0; c < 3; ++c) {
    std::vector<double>& channel = densities.channels[c];
    channel.resize(filled);
    for (std::size_t i = 0; i < densities.count; ++i) channel[i] = table[rgb[3 * i + c]];
  }
  return densities;
}

DensityProducts::DensityProducts(const StainMatrix& vectors) {
  const std::array<double, 256>& density = density_of_level();
  for (std::size_t c = 0; c < 3; ++c) {
    for (std::size_t level = 0; level < 256; ++level) {
      of_level_[c][level] = Pair{density[level] * vectors[0][c], density[level] * vectors[1][c]};
    }
  }
}

void DensityProducts::operator()(std::span<const std::uint8_t> rgb, PairBlock& products) const {
  const std::size_t count = rgb.size() / 3;
#pragma GCC unroll 4  // so short a body is bound by what counts and jumps
  for (std::size_t i = 0; i < count; ++i) {
    const Pair sum =
        of_level_[0][rgb[3 * i]] + of_level_[1][rgb[3 * i + 1]] + of_level_[2][rgb[3 * i + 2]];
    products[0][i] = sum[0];
    products[1][i] = sum[1];
  }
}

LevelOfDensity::LevelOfDensity() {
  for (std::size_t step = 0; step < levels_.size(); ++step) {
    levels_[step] = exact_level(static_cast<double>(step) / kStepsPerUnit);
  }
  for (int level = 1; level < 256; ++level) {
    darkest_[static_cast<std::size_t>(level)] = last_density_of(level);
  }
  darkest_[0] = kBlack;
}

const LevelOfDensity& LevelOfDensity::instance() {
  static const LevelOfDensity table;
  return table;
}

}  // namespace clippath
