// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "clippath/core/check.h"
#include "clippath/stain.h"
#include "indexer/stain/concentrations.h"
#include "indexer/stain/lanes.h"
#include "indexer/stain/optical_density.h"
#include "indexer/stain/reinhard.h"

namespace clippath {
namespace {

/// The target's stains, each as strong as the source's has to become. Of a given source matrix a
/// picture may have one stain only: without the floor it would be multiplied by the ratio to
/// nothing.
StainMatrix scaled_target(const StainProfile& source, const StainProfile& target) {
  StainMatrix scaled = target.matrix;
  for (std::size_t j = 0; j < 2; ++j) {
    const double ratio =
        target.max_concentrations[j] / std::max(source.max_concentrations[j], kLeastConcentration);
    for (double& value : scaled[j]) value *= ratio;
  }
  return scaled;
}

using ColourBlock = std::array<std::uint8_t, 3 * kBlockPixels>;

CLIPPATH_FOR_EACH_PROCESSOR void colour_block(const PairBlock& amounts, const StainMatrix& matrix,
                                              ColourBlock& colours) {
  using Steps = std::int32_t __attribute__((vector_size(16)));
  const LevelOfDensity& level_of = LevelOfDensity::instance();
  const Lanes black = all_lanes(LevelOfDensity::kBlack);
  for (std::size_t c = 0; c < 3; ++c) {
    const Lanes first = all_lanes(matrix[0][c]);
    const Lanes second = all_lanes(matrix[1][c]);
    for (std::size_t i = 0; i < kBlockPixels; i += kLanes) {
      // Macenko's plane can leave the positive octant: no density is less than none.
      const Lanes sum =
          positive_part(load_lanes(&amounts[0][i]) * first + load_lanes(&amounts[1][i]) * second);
      const Lanes density = sum < black ? sum : black;
      const Steps step =
          __builtin_convertvector(density * all_lanes(LevelOfDensity::kStepsPerUnit), Steps);
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        colours[3 * (i + lane) + c] = level_of.at(density[lane], step[lane]);
      }
    }
  }
}

}  // namespace

RgbImage apply_stain(const RgbImage& picture, const StainProfile& source,
                     const StainProfile& target) {
  CLIPPATH_CHECK(source.method == target.method);
  if (source.method == StainMethod::kReinhard) return apply_reinhard(picture, source, target);

  const StainAmountsOfPixels amounts_of(source.matrix, kConcentrationLambda);
  const StainMatrix m = scaled_target(source, target);
  RgbImage coloured{picture.width, picture.height, {}};
  coloured.pixels.reserve(picture.pixels.size());
  PairBlock amounts{};
  ColourBlock colours;
  for_each_block(picture.pixels, [&](std::span<const std::uint8_t> rgb) {
    amounts_of(rgb, amounts);
    colour_block(amounts, m, colours);
    coloured.pixels.insert(coloured.pixels.end(), colours.begin(),
                           colours.begin() + static_cast<std::ptrdiff_t>(rgb.size()));
  });
  return coloured;
}

Result<RgbImage> normalise_stain(const RgbImage& picture, const StainProfile& target,
                                 const StainProfile* source) {
  if (source != nullptr) return apply_stain(picture, *source, target);
  CLIPPATH_TRY(const StainProfile own, fit_stain({&picture, 1}, target.method));
  return apply_stain(picture, own, target);
}

}  // namespace clippath
