// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>

#include "clippath/core/check.h"
#include "clippath/stain.h"
#include "indexer/stain/concentrations.h"
#include "indexer/stain/lanes.h"
#include "indexer/stain/optical_density.h"
#include "indexer/stain/reinhard.h"
#include "indexer/stain/stain_guards.h"
#include "indexer/stain/tissue_pixels.h"

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

/// Densities of one channel of a block, and the step of LevelOfDensity that each lies in.
struct DensitySteps {
  std::array<double, kBlockPixels> densities;
  std::array<std::int32_t, kBlockPixels> steps;
};

CLIPPATH_FOR_EACH_PROCESSOR void mix_block(const PairBlock& amounts, double first, double second,
                                           DensitySteps& mixed) {
  using Steps = std::int32_t __attribute__((vector_size(16)));
  const Lanes black = all_lanes(LevelOfDensity::kBlack);
  for (std::size_t i = 0; i < kBlockPixels; i += kLanes) {
    // Macenko's plane can leave the positive octant: no density is less than none.
    const Lanes sum = positive_part(load_lanes(&amounts[0][i]) * all_lanes(first) +
                                    load_lanes(&amounts[1][i]) * all_lanes(second));
    const Lanes density = sum < black ? sum : black;
    store_lanes(density, &mixed.densities[i]);
    const Steps steps =
        __builtin_convertvector(density * all_lanes(LevelOfDensity::kStepsPerUnit), Steps);
    std::memcpy(&mixed.steps[i], &steps, sizeof steps);
  }
}

void colour_block(const PairBlock& amounts, const StainMatrix& matrix, ColourBlock& colours) {
  const LevelOfDensity& level_of = LevelOfDensity::instance();
  DensitySteps mixed;
  for (std::size_t c = 0; c < 3; ++c) {
    mix_block(amounts, matrix[0][c], matrix[1][c], mixed);
#pragma GCC unroll 4  // so short a body is bound by what counts and jumps
    for (std::size_t i = 0; i < kBlockPixels; ++i) {
      colours[3 * i + c] = level_of.at(mixed.densities[i], mixed.steps[i]);
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
  if (source != nullptr) {
    // The stains of a slide say nothing of a picture that has none of them.
    const RgbImage sample = sample_row(picture);
    CLIPPATH_TRY_VOID(check_tissue(tissue_pixels({&sample, 1}), sample.pixels.size() / 3));
    return apply_stain(picture, *source, target);
  }
  CLIPPATH_TRY(const StainProfile own, fit_stain({&picture, 1}, target.method));
  return apply_stain(picture, own, target);
}

}  // namespace clippath
