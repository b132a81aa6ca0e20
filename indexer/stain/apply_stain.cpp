// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "clippath/core/check.h"
#include "clippath/stain.h"
#include "indexer/stain/concentrations.h"
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

}  // namespace

RgbImage apply_stain(const RgbImage& picture, const StainProfile& source,
                     const StainProfile& target) {
  CLIPPATH_CHECK(source.method == target.method);
  if (source.method == StainMethod::kReinhard) return apply_reinhard(picture, source, target);

  const auto amounts =
      concentrations_of(densities_of(picture.pixels), source.matrix, kConcentrationLambda);
  const StainMatrix m = scaled_target(source, target);
  const LevelOfDensity& level_of = LevelOfDensity::instance();
  RgbImage coloured{picture.width, picture.height,
                    std::vector<std::uint8_t>(picture.pixels.size())};
  std::uint8_t* out = coloured.pixels.data();
  const std::size_t count = picture.size_bytes() / 3;
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t c = 0; c < 3; ++c) {
      // Macenko's plane can leave the positive octant: no density is less than none.
      *out++ = level_of(std::max(0.0, amounts[0][i] * m[0][c] + amounts[1][i] * m[1][c]));
    }
  }
  return coloured;
}

Result<RgbImage> normalise_stain(const RgbImage& picture, const StainProfile& target,
                                 const StainProfile* source) {
  if (source != nullptr) return apply_stain(picture, *source, target);
  CLIPPATH_TRY(const StainProfile own, fit_stain({&picture, 1}, target.method));
  return apply_stain(picture, own, target);
}

}  // namespace clippath
