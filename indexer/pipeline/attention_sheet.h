// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "clippath/attention.h"
#include "clippath/core/image.h"
#include "clippath/core/result.h"

namespace clippath {

/// A tile that the attention filter has looked at.
struct ScoredTile {
  std::size_t place = 0;  ///< in its series
  std::string name;
  double score = 0;
  bool kept = false;
};

/// Draws up to twelve tiles from the lowest score to the highest, each beside what the network
/// attends to (the mean of the heads of the last layer that it looks at, by rank).
/// @param picture  of the tile at a place in the series, as the filter saw it.
/// Fails: as `picture`, the network and draw_attention.
Result<RgbImage> draw_attention_sheet(std::vector<ScoredTile> tiles,
                                      const AttentionNetwork& network,
                                      const std::function<Result<RgbImage>(std::size_t)>& picture);

}  // namespace clippath
