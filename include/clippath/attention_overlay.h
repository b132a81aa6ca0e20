// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "clippath/core/image.h"
#include "clippath/core/result.h"

namespace clippath {

/// Lays a heat map of ranks over a picture: blue where the class token attends least, yellow where
/// it attends most. Ranks show an even map and a sharp one alike, which makes every map readable
/// and none comparable: a display, no filter.
/// @param ranks  attention_values by AttentionMode::kRank of one map, in (0, 1], row by row.
/// Fails: kUnsupported where their number is no square, so that their place is not known.
Result<RgbImage> draw_attention(const RgbImage& picture, std::span<const double> ranks);

}  // namespace clippath
