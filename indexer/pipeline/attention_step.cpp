// SPDX-License-Identifier: Apache-2.0
#include "indexer/pipeline/attention_step.h"

#include <map>
#include <memory>
#include <numeric>
#include <span>
#include <utility>

#include "clippath/core/spread_sample.h"
#include "indexer/pipeline/ordered_stage.h"

namespace clippath {
namespace {

/// Attention values of one picture, as the rule scales them.
Result<std::vector<double>> look_at(const RgbImage& picture, const AttentionNetwork& network,
                                    const AttentionRule& rule) {
  auto maps = network.attend(picture);
  if (!maps) return fail(maps.error().within("attention"));
  return attention_values(*maps, rule.mode, rule.heads);
}

TilePicture judge(TilePicture tile, std::span<const double> values, const AttentionRule& rule,
                  double threshold) {
  const double score = attention_score(values, rule.mode, threshold);
  tile.outcome.patch.attention = score;
  if (score > rule.keep) return tile;
  tile.outcome.dropped = DropReason::kAttention;
  tile.picture = {};
  return tile;
}

TilePicture look_and_judge(TilePicture tile, const AttentionNetwork& network,
                           const AttentionRule& rule, double threshold) {
  if (tile.outcome.dropped) return tile;
  const auto values = look_at(tile.picture, network, rule);
  if (values) return judge(std::move(tile), *values, rule, threshold);
  tile.outcome.error = values.error();
  tile.picture = {};
  return tile;
}

/// A tile that was looked at beforehand; without values where it was dropped before that.
struct SampledTile {
  TilePicture tile;
  std::vector<double> values;
};

Result<std::shared_ptr<SampledTile>> sample_tile(TilePicture tile, const AttentionNetwork& network,
                                                 const AttentionRule& rule) {
  auto sampled = std::make_shared<SampledTile>(SampledTile{std::move(tile), {}});
  if (sampled->tile.outcome.dropped) return sampled;
  CLIPPATH_TRY(sampled->values, look_at(sampled->tile.picture, network, rule));
  return sampled;
}

/// What was looked at, by its place among the tiles.
using Sample = std::map<std::size_t, std::shared_ptr<SampledTile>>;

Result<Sample> take_sample(IndexRun& run, const SeriesTiles& tiles, const AttentionNetwork& network,
                           const AttentionRule& rule) {
  std::vector<std::size_t> places(tiles.count);
  std::iota(places.begin(), places.end(), std::size_t{0});
  places = spread_sample(places, kMostAttentionSamples);
  OrderedStage<Result<std::shared_ptr<SampledTile>>> stage(run.readers(), kMostAttentionSamples);
  for (const std::size_t place : places) {
    stage.add(
        [&tiles, place, &network, &rule] { return sample_tile(tiles.read(place), network, rule); });
  }
  Sample sample;
  for (const std::size_t place : places) {
    if (run.stopping()) return fail(ErrorKind::kUnavailable, "stopped");
    CLIPPATH_TRY(sample[place], stage.take());
  }
  return sample;
}

double threshold_of(const Sample& sample, const AttentionRule& rule) {
  std::vector<std::vector<double>> pictures;
  for (const auto& [place, one] : sample) {
    if (!one->values.empty()) pictures.push_back(one->values);
  }
  return find_attention_threshold(pictures, rule);
}

TilePicture judge_sampled(SampledTile& sampled, const AttentionRule& rule, double threshold) {
  if (sampled.values.empty()) return std::move(sampled.tile);
  return judge(std::move(sampled.tile), sampled.values, rule, threshold);
}

}  // namespace

Result<void> filter_by_attention(IndexRun& run, SeriesTiles& tiles,
                                 std::optional<AttentionScores>& scores) {
  const AttentionRule& rule = *run.options().attention;
  const AttentionNetwork& network = *run.options().attention_network;
  Sample sample;
  double threshold = rule.threshold;
  if (rule.target_keep) {
    CLIPPATH_TRY(sample, take_sample(run, tiles, network, rule));
    threshold = threshold_of(sample, rule);
  }
  tiles.read = [read = std::move(tiles.read),
                sample = std::make_shared<const Sample>(std::move(sample)), &network, &rule,
                threshold](std::size_t place) {
    const auto seen = sample->find(place);
    return seen == sample->end() ? look_and_judge(read(place), network, rule, threshold)
                                 : judge_sampled(*seen->second, rule, threshold);
  };
  scores = AttentionScores{threshold, {}};
  return {};
}

}  // namespace clippath
