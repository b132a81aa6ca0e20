// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "clippath/tissue.h"
#include "indexer/tissue/gray_pixels.h"

namespace clippath {
namespace {

// Of CLAM: mean saturation of 255, and mean of each channel.
constexpr double kLeastSaturation = 5;
constexpr double kBlackMean = 50;

/// Share of grays up to the tile's own threshold. One single gray is glass if it is white.
double own_tissue(const RgbImage& tile, int white_threshold) {
  const std::vector<std::int64_t> histogram = histogram_of(gray_pixels(tile));
  const int threshold = otsu_threshold(histogram).value_or(white_threshold);
  std::int64_t tissue = 0;
  for (int gray = 0; gray <= threshold; ++gray) tissue += histogram[static_cast<std::size_t>(gray)];
  return static_cast<double>(tissue) / (static_cast<double>(tile.pixels.size()) / 3);
}

std::optional<DropReason> judge_seed(const TileTissue& tile, const TissueRule& rule) {
  if (tile.tissue_fraction < rule.min_tissue) return DropReason::kBackground;
  return std::nullopt;
}

std::optional<DropReason> judge_clam(const RgbImage& tile) {
  double saturation = 0;
  double sums[3] = {};
  for (std::size_t i = 0; i < tile.pixels.size(); i += 3) {
    const std::uint8_t* rgb = tile.pixels.data() + i;
    const auto [least, most] = std::minmax({rgb[0], rgb[1], rgb[2]});
    if (most > 0) saturation += 255.0 * (most - least) / most;
    for (int c = 0; c < 3; ++c) sums[c] += rgb[c];
  }
  const double count = static_cast<double>(tile.pixels.size()) / 3;
  if (saturation < kLeastSaturation * count) return DropReason::kWhite;
  if (*std::max_element(sums, sums + 3) < kBlackMean * count) return DropReason::kBlack;
  return std::nullopt;
}

std::optional<DropReason> judge_by_preset(const RgbImage& tile, const TileTissue& shares,
                                          const TissueRule& rule) {
  if (rule.preset == TissuePreset::kSeed) return judge_seed(shares, rule);
  if (is_clam(rule.preset)) return judge_clam(tile);
  return std::nullopt;
}

}  // namespace

TileTissue judge_tile(const RgbImage& tile, double mask_fraction, const TissueRule& rule) {
  TileTissue shares;
  shares.tissue_fraction =
      rule.preset == TissuePreset::kSeed ? own_tissue(tile, rule.white_threshold) : mask_fraction;
  shares.white_fraction = white_fraction(tile, rule.white_threshold);
  shares.dropped = judge_by_preset(tile, shares, rule);
  if (!shares.dropped && shares.white_fraction > rule.max_white) {
    shares.dropped = DropReason::kWhite;
  }
  return shares;
}

}  // namespace clippath
