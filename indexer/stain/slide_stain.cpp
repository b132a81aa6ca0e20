// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>
#include <vector>

#include "clippath/stain.h"
#include "indexer/stain/percentile.h"
#include "indexer/stain/stain_vector.h"
#include "indexer/stain/tissue_pixels.h"

namespace clippath {
namespace {

constexpr double kMedian = 50;

/// Of every element over all matrices; rows of length 1 again.
StainMatrix median_matrix(const std::vector<StainSample>& samples) {
  StainMatrix median{};
  for (std::size_t j = 0; j < 2; ++j) {
    for (std::size_t c = 0; c < 3; ++c) {
      std::vector<double> values;
      for (const StainSample& sample : samples) values.push_back(sample.profile.matrix[j][c]);
      median[j][c] = percentile(values, kMedian);
    }
    median[j] = unit(median[j]);
  }
  return median;
}

}  // namespace

Result<StainSample> sample_stain(const RgbImage& tile, StainMethod method) {
  RgbImage pixels = sample_row(tile);
  CLIPPATH_TRY(const StainProfile profile, fit_stain({&pixels, 1}, method));
  return StainSample{profile, std::move(pixels)};
}

Result<StainProfile> slide_stain(std::vector<StainSample> samples) {
  if (samples.empty()) {
    return fail(ErrorKind::kFailedPrecondition, "no picture has usable stains");
  }
  const StainMatrix matrix = median_matrix(samples);
  std::vector<RgbImage> pixels;
  std::int64_t tissue = 0;
  for (StainSample& sample : samples) {
    tissue += sample.profile.pixels;
    pixels.push_back(std::move(sample.pixels));
  }
  StainProfile profile = measure_stain(pixels, samples.front().profile.method, matrix);
  profile.pixels = tissue;
  return profile;
}

}  // namespace clippath
