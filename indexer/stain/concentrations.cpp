// SPDX-License-Identifier: Apache-2.0
#include "indexer/stain/concentrations.h"

#include <vector>

#include "indexer/stain/percentile.h"
#include "indexer/stain/stain_vector.h"
#include "indexer/stain/tissue_pixels.h"

namespace clippath {
namespace {

constexpr double kLeastDeterminant = 1e-9;
constexpr double kHighPercentile = 99;

}  // namespace

TwoStainLasso::TwoStainLasso(const StainMatrix& matrix, double lambda)
    : lambda_(all_lanes(lambda)) {
  for (std::size_t row = 0; row < 2; ++row) {
    for (std::size_t c = 0; c < 3; ++c) m_[row][c] = all_lanes(matrix[row][c]);
  }
  const double g11 = dot(matrix[0], matrix[0]);
  const double g12 = dot(matrix[0], matrix[1]);
  const double g22 = dot(matrix[1], matrix[1]);
  const double determinant = g11 * g22 - g12 * g12;
  r11_ = all_lanes(1 / g11);
  if (determinant < kLeastDeterminant) {  // the same stain twice: the first one has it all
    i11_ = r11_;
    return;
  }
  r22_ = all_lanes(1 / g22);
  i11_ = all_lanes(g22 / determinant);
  i12_ = all_lanes(-g12 / determinant);
  i22_ = all_lanes(g11 / determinant);
}

namespace {

CLIPPATH_FOR_EACH_PROCESSOR void solve_block(const TwoStainLasso& lasso, PairBlock& block) {
  for (std::size_t i = 0; i < kBlockPixels; i += kLanes) {
    const auto a = lasso.solve_products(load_lanes(&block[0][i]), load_lanes(&block[1][i]));
    store_lanes(a[0], &block[0][i]);
    store_lanes(a[1], &block[1][i]);
  }
}

/// Amounts in some pixels of every picture, as many as its share of all pixels says.
std::array<std::vector<double>, 2> sample_amounts(std::span<const RgbImage> pictures,
                                                  const StainAmountsOfPixels& amounts_of) {
  std::size_t bytes = 0;
  for (const RgbImage& picture : pictures) bytes += picture.pixels.size();
  std::array<std::vector<double>, 2> sample;
  PairBlock block{};
  for (const RgbImage& picture : pictures) {
    if (picture.empty()) continue;
    const std::size_t most = kRankSample * picture.pixels.size() / bytes + 1;
    const std::vector<std::uint8_t> pixels = sample_pixels(picture.pixels, most);
    for_each_block(pixels, [&](std::span<const std::uint8_t> rgb) {
      amounts_of(rgb, block);
      for (std::size_t j = 0; j < 2; ++j) {
        sample[j].insert(sample[j].end(), block[j].data(), block[j].data() + rgb.size() / 3);
      }
    });
  }
  return sample;
}

}  // namespace

void StainAmountsOfPixels::operator()(std::span<const std::uint8_t> rgb, PairBlock& amounts) const {
  products_(rgb, amounts);
  solve_block(lasso_, amounts);
}

StainAmounts max_concentrations_of(std::span<const RgbImage> pictures, const StainMatrix& matrix) {
  const StainAmountsOfPixels amounts_of(matrix, kConcentrationLambda);
  auto sample = sample_amounts(pictures, amounts_of);
  if (sample[0].empty()) return {};
  return two_percentiles({kHighPercentile, kHighPercentile}, sample, [&](auto& tails) {
    PairBlock block{};
    for (const RgbImage& picture : pictures) {
      for_each_block(picture.pixels, [&](std::span<const std::uint8_t> rgb) {
        amounts_of(rgb, block);
        for (std::size_t j = 0; j < 2; ++j) tails[j].add(std::span(block[j]).first(rgb.size() / 3));
      });
    }
  });
}

}  // namespace clippath
