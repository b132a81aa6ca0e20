// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>
#include <vector>

#include "clippath/stain.h"
#include "indexer/stain/concentrations.h"
#include "indexer/stain/dictionary.h"
#include "indexer/stain/macenko.h"
#include "indexer/stain/reinhard.h"
#include "indexer/stain/stain_guards.h"
#include "indexer/stain/tissue_pixels.h"

namespace clippath {
namespace {

constexpr std::size_t kCoarsePixels = 2'000;

/// Most of the way is made on a tenth of the pixels, which costs a tenth.
DictionaryFit fit_vahadane(const std::vector<std::uint8_t>& tissue) {
  const std::vector<std::uint8_t> coarse = sample_pixels(tissue, kCoarsePixels);
  StainMatrix start = macenko_matrix(coarse);
  for (auto& row : start) {
    for (double& value : row) value = std::max(value, 0.0);
  }
  start = fit_dictionary(densities_of(coarse), start).matrix;
  return fit_dictionary(densities_of(sample_pixels(tissue, kSamplePixels)), start);
}

std::size_t pixels_of(std::span<const RgbImage> pictures) {
  std::size_t pixels = 0;
  for (const RgbImage& picture : pictures) pixels += picture.size_bytes() / 3;
  return pixels;
}

}  // namespace

StainProfile measure_stain(std::span<const RgbImage> pictures, StainMethod method,
                           const StainMatrix& matrix) {
  if (method == StainMethod::kReinhard) return measure_reinhard(pictures);
  StainProfile profile;
  profile.method = method;
  profile.matrix = matrix;
  profile.max_concentrations = max_concentrations_of(pictures, matrix);
  return profile;
}

Result<StainProfile> fit_stain(std::span<const RgbImage> pictures, StainMethod method) {
  const std::vector<std::uint8_t> tissue = tissue_pixels(pictures);
  CLIPPATH_TRY_VOID(check_tissue(tissue, pixels_of(pictures)));
  const auto pixels = static_cast<std::int64_t>(tissue.size() / 3);
  DictionaryFit fit;
  switch (method) {
    case StainMethod::kReinhard: break;
    case StainMethod::kMacenko:
      fit.matrix = macenko_matrix(tissue);
      CLIPPATH_TRY_VOID(check_angle(fit.matrix));
      break;
    case StainMethod::kVahadane:
      fit = fit_vahadane(tissue);
      CLIPPATH_TRY_VOID(check_angle(fit.matrix));
      break;
  }
  StainProfile profile = measure_stain(pictures, method, fit.matrix);
  if (method != StainMethod::kReinhard) {
    CLIPPATH_TRY_VOID(check_amounts(profile.max_concentrations));
  }
  profile.objective = fit.objective;
  profile.iterations = fit.iterations;
  profile.pixels = pixels;
  return profile;
}

}  // namespace clippath
