// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <utility>
#include <vector>

#include "clippath/stain.h"
#include "indexer/stain/concentrations.h"
#include "indexer/stain/dictionary.h"
#include "indexer/stain/macenko.h"
#include "indexer/stain/reinhard.h"
#include "indexer/stain/stain_vector.h"
#include "indexer/stain/tissue_pixels.h"

namespace clippath {
namespace {

constexpr std::size_t kCoarsePixels = 2'000;
constexpr double kLeastAngle = 3;  // degrees: true optima of real slides lie at 7 to 19
constexpr double kMostAngle = 60;

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

double angle_in_degrees(const StainMatrix& m) {
  return std::acos(std::clamp(dot(m[0], m[1]), -1.0, 1.0)) * 180 / std::numbers::pi;
}

Result<void> check_tissue(std::size_t tissue, std::size_t all) {
  if (static_cast<double>(tissue) >= kLeastStainTissue * static_cast<double>(all) && tissue > 0) {
    return {};
  }
  return fail(ErrorKind::kFailedPrecondition,
              "too little tissue for stains: " + std::to_string(tissue) + " of " +
                  std::to_string(all) + " pixels are dark enough, at least 5 % must be");
}

Result<void> check_angle(const StainMatrix& matrix) {
  const double angle = angle_in_degrees(matrix);
  // Written so that NaN fails too.
  if (angle >= kLeastAngle && angle <= kMostAngle) return {};
  return fail(ErrorKind::kFailedPrecondition,
              "haematoxylin and eosin cannot be told apart: the stains found lie " +
                  std::to_string(static_cast<int>(angle)) + " degrees apart, 3 to 60 are usual");
}

/// What has one stain only (or another one altogether) would be bent to look like two.
Result<void> check_amounts(const StainAmounts& most) {
  if (std::min(most[0], most[1]) >= kLeastConcentration) return {};
  return fail(ErrorKind::kFailedPrecondition,
              "haematoxylin and eosin cannot be told apart: the pictures have one stain only");
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
  CLIPPATH_TRY_VOID(check_tissue(tissue.size() / 3, pixels_of(pictures)));
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
