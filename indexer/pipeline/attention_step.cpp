// SPDX-License-Identifier: Apache-2.0
#include "indexer/pipeline/attention_step.h"

#include <span>
#include <utility>

#include "indexer/pipeline/tile_sample.h"

namespace clippath {
namespace {

TilePicture judge(TilePicture tile, std::span<const double> values, const AttentionRule& rule,
                  double threshold) {
  const double score = attention_score(values, rule.mode, threshold);
  tile.outcome.patch.attention = score;
  if (score > rule.keep) return tile;
  tile.outcome.dropped = DropReason::kAttention;
  tile.picture = {};
  return tile;
}

/// Values of a tile's picture; of one that was dropped, none.
using Finding = Result<std::vector<double>>;

Finding find_attention(const TilePicture& tile, const AttentionNetwork& network,
                       const AttentionRule& rule) {
  if (tile.outcome.dropped) return std::vector<double>();
  return look_at(tile.picture, network, rule);
}

TilePicture judge_found(TilePicture tile, const Finding& found, const AttentionRule& rule,
                        double threshold) {
  if (tile.outcome.dropped) return tile;
  if (found) return judge(std::move(tile), *found, rule, threshold);
  tile.outcome.error = found.error();
  tile.picture = {};
  return tile;
}

/// Fails: as the network does for one of them.
Result<double> threshold_of(const TileSample<Finding>& sample, const AttentionRule& rule) {
  std::vector<std::vector<double>> pictures;
  for (const auto& [place, one] : sample) {
    if (!one->finding) return fail(one->finding.error());
    if (!one->finding->empty()) pictures.push_back(*one->finding);
  }
  return find_attention_threshold(pictures, rule);
}

}  // namespace

Result<std::vector<double>> look_at(const RgbImage& picture, const AttentionNetwork& network,
                                    const AttentionRule& rule) {
  auto maps = network.attend(picture);
  if (!maps) return fail(maps.error().within("attention"));
  return attention_values(*maps, rule.mode, rule.heads);
}

Result<void> filter_by_attention(const Readers& readers, SeriesTiles& tiles,
                                 std::optional<AttentionScores>& scores) {
  const AttentionRule& rule = *readers.options.attention;
  const AttentionNetwork& network = *readers.options.attention_network;
  TileSample<Finding> sample;
  double threshold = rule.threshold;
  if (rule.target_keep) {
    auto taken = sample_tiles<Finding>(
        readers, tiles, kMostAttentionSamples,
        [&](const TilePicture& tile) { return find_attention(tile, network, rule); });
    if (!taken) return fail(ErrorKind::kUnavailable, "stopped");
    CLIPPATH_TRY(threshold, threshold_of(*taken, rule));
    sample = std::move(*taken);
  }
  const auto judge_by = [&rule, threshold](TilePicture tile, const Finding& found) {
    return judge_found(std::move(tile), found, rule, threshold);
  };
  give_sampled(tiles, std::move(sample), judge_by, [&network, &rule, judge_by](TilePicture tile) {
    const Finding found = find_attention(tile, network, rule);
    return judge_by(std::move(tile), found);
  });
  scores = AttentionScores{threshold, {}};
  return {};
}

}  // namespace clippath
