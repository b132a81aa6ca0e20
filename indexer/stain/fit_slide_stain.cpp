// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "clippath/stain.h"
#include "indexer/stain/percentile.h"

namespace clippath {
namespace {

constexpr std::size_t kMostTiles = 256;
constexpr double kMedian = 50;

/// Of every element over all matrices; rows of length 1 again.
StainMatrix median_of(const std::vector<StainMatrix>& matrices) {
  StainMatrix median{};
  for (std::size_t j = 0; j < 2; ++j) {
    double squares = 0;
    for (std::size_t c = 0; c < 3; ++c) {
      std::vector<double> values;
      for (const StainMatrix& matrix : matrices) values.push_back(matrix[j][c]);
      median[j][c] = percentile(values, kMedian);
      squares += median[j][c] * median[j][c];
    }
    for (double& value : median[j]) value /= std::sqrt(squares);
  }
  return median;
}

/// Every n-th picture, so that at most kMostTiles are left.
std::vector<RgbImage> spread_sample(std::span<const RgbImage> tiles) {
  const std::size_t count = std::min(tiles.size(), kMostTiles);
  std::vector<RgbImage> sample;
  for (std::size_t i = 0; i < count; ++i) sample.push_back(tiles[i * tiles.size() / count]);
  return sample;
}

}  // namespace

Result<StainProfile> fit_slide_stain(std::span<const RgbImage> tiles, StainMethod method) {
  if (method == StainMethod::kReinhard) return fit_stain(tiles, method);
  std::vector<RgbImage> fitted;
  std::vector<StainMatrix> matrices;
  std::string first_reason = "there is no picture";
  std::int64_t pixels = 0;
  for (RgbImage& tile : spread_sample(tiles)) {
    const auto profile = fit_stain({&tile, 1}, method);
    if (!profile) {
      if (matrices.empty()) first_reason = profile.error().message;
      continue;
    }
    matrices.push_back(profile->matrix);
    pixels += profile->pixels;
    fitted.push_back(std::move(tile));
  }
  if (matrices.empty()) {
    return fail(ErrorKind::kFailedPrecondition, "no picture has usable stains: " + first_reason);
  }
  StainProfile profile = measure_stain(fitted, method, median_of(matrices));
  profile.pixels = pixels;
  return profile;
}

}  // namespace clippath
