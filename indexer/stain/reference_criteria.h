// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <vector>

#include "clippath/stain.h"

namespace clippath {

/// What a reference is to be like.
struct ReferenceAims {
  std::array<double, 3> lab{};  ///< mean of the slides' mean colours
  double nuclei = 0;            ///< mean of the slides' mean nuclear densities
};

/// Measures a tile.
/// @param slide  Vahadane profile of its slide: what counts as a nucleus is more than half as much
/// haematoxylin as the slide's 99th percentile.
ReferenceCriteria measure_reference(const RgbImage& tile, const StainProfile& slide);

/// What the slides are on average, each counting once.
/// @param slides  criteria of the tiles of each slide; empty ones count as no slide.
ReferenceAims average_of(const std::vector<std::vector<ReferenceCriteria>>& slides);

/// For each tile the mean, over the four criteria, of the share of the other tiles that are no
/// better: 1 is best in all of them. Ranks, because the criteria have no common unit.
std::vector<double> score_references(const std::vector<ReferenceCriteria>& tiles,
                                     const ReferenceAims& aims);

}  // namespace clippath
