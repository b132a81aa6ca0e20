// SPDX-License-Identifier: Apache-2.0
#include "indexer/pipeline/stain_step.h"

#include <utility>

#include "indexer/pipeline/tile_sample.h"

namespace clippath {
namespace {

/// Nothing where the tile was dropped, or has no usable stains.
using Finding = std::optional<StainSample>;

Finding find_stains(const TilePicture& tile, StainMethod method) {
  if (tile.outcome.dropped) return std::nullopt;
  auto sample = sample_stain(tile.picture, method);
  if (!sample) return std::nullopt;
  return std::move(*sample);
}

std::optional<StainProfile> fit_series(const Readers& readers, SeriesTiles& tiles,
                                       StainMethod method) {
  auto sample = sample_tiles<Finding>(
      readers, tiles, kMostStainSamples,
      [method](const TilePicture& tile) { return find_stains(tile, method); });
  if (!sample) return std::nullopt;
  std::vector<StainSample> samples;
  for (auto& [place, one] : *sample) {
    if (one->finding) samples.push_back(std::move(*one->finding));
  }
  give_sampled(
      tiles, std::move(*sample), [](TilePicture tile, const Finding&) { return tile; },
      [](TilePicture tile) { return tile; });
  auto stains = slide_stain(std::move(samples));
  if (!stains) return std::nullopt;
  return *stains;
}

}  // namespace

TilePicture StainStep::operator()(TilePicture tile) const {
  if (tile.outcome.dropped || !rule_) return tile;
  std::optional<RgbImage> picture = normalised(tile.picture);
  tile.outcome.patch.keeps_stain = !picture;
  if (picture) tile.picture = std::move(*picture);
  return tile;
}

std::optional<RgbImage> StainStep::normalised(const RgbImage& picture) const {
  if (rule_->scope == StainScope::kSlide && !series_) return std::nullopt;
  auto normalised = normalise_stain(picture, rule_->target, series_ ? &*series_ : nullptr);
  if (!normalised) return std::nullopt;
  return std::move(*normalised);
}

StainStep make_stain_step(const Readers& readers, SeriesTiles& tiles,
                          std::optional<StainProfile>& stains) {
  const std::optional<StainRule>& rule = readers.options.stain;
  if (rule && rule->scope == StainScope::kSlide) {
    stains = fit_series(readers, tiles, rule->target.method);
  }
  return StainStep(rule, stains);
}

}  // namespace clippath
