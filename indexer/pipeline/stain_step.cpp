// SPDX-License-Identifier: Apache-2.0
#include "indexer/pipeline/stain_step.h"

#include <memory>
#include <numeric>

#include "clippath/core/spread_sample.h"
#include "indexer/pipeline/ordered_stage.h"

namespace clippath {
namespace {

struct SampledTile {
  std::shared_ptr<TilePicture> tile;
  std::optional<StainSample> sample;  ///< nothing where it was dropped, or has no usable stains
};

SampledTile read_sample(const ReadTile& read, StainMethod method) {
  SampledTile sampled{std::make_shared<TilePicture>(read()), std::nullopt};
  if (sampled.tile->outcome.dropped) return sampled;
  auto sample = sample_stain(sampled.tile->picture, method);
  if (sample) sampled.sample = std::move(*sample);
  return sampled;
}

std::optional<StainProfile> fit_series(IndexRun& run, std::vector<ReadTile>& tiles,
                                       StainMethod method) {
  std::vector<std::size_t> places(tiles.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  places = spread_sample(places, kMostStainSamples);
  OrderedStage<SampledTile> stage(run.readers(), kMostStainSamples);
  for (const std::size_t place : places) {
    stage.add([read = tiles[place], method] { return read_sample(read, method); });
  }
  std::vector<StainSample> samples;
  for (const std::size_t place : places) {
    if (run.stopping()) return std::nullopt;
    SampledTile sampled = stage.take();
    tiles[place] = [tile = sampled.tile] { return std::move(*tile); };
    if (sampled.sample) samples.push_back(std::move(*sampled.sample));
  }
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

StainStep make_stain_step(IndexRun& run, std::vector<ReadTile>& tiles,
                          std::optional<StainProfile>& stains) {
  const std::optional<StainRule>& rule = run.options().stain;
  if (rule && rule->scope == StainScope::kSlide) {
    stains = fit_series(run, tiles, rule->target.method);
  }
  return StainStep(rule, stains);
}

}  // namespace clippath
