// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "clippath/attention.h"
#include "indexer/pipeline/read_tile.h"
#include "indexer/pipeline/readers.h"

namespace clippath {

/// Attention values of one picture, as the rule scales them. Fails: as the network.
Result<std::vector<double>> look_at(const RgbImage& picture, const AttentionNetwork& network,
                                    const AttentionRule& rule);

/// Puts the attention filter of the options behind the reading of every tile: it scores the
/// picture, notes the score in its patch and drops it where the rule does not keep it. Scores are
/// made on reader threads, one picture at a time, so that none depends on another.
///
/// With a target share of kept tiles the threshold is found first, from up to kMostAttentionSamples
/// tiles of the series, evenly spread; `tiles` then gives what was read, and no tile is read or
/// looked at twice. The threshold depends on the series alone, not on threads or on other slides.
/// @param scores  set to the threshold, with an empty histogram.
/// Requires: the options have an attention rule and its network.
/// Fails: as the network; kUnavailable when the readers are to stop.
Result<void> filter_by_attention(const Readers& readers, SeriesTiles& tiles,
                                 std::optional<AttentionScores>& scores);

}  // namespace clippath
