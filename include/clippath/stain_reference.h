// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "clippath/manifest.h"
#include "clippath/slide.h"
#include "clippath/stain.h"
#include "clippath/tiling.h"
#include "clippath/tissue.h"

namespace clippath {

struct ReferenceOptions {
  FieldOfView field;
  MissingMpp missing_mpp;
  TissueRule tissue;
  std::size_t tiles_per_slide = 64;  ///< evenly spread over its tissue
  std::size_t most = 12;             ///< tiles of the ranking
  int threads = 1;
};

/// A tile that could be the reference, as its patch picture (before stain) shows it.
struct ReferenceTile {
  SlideId slide;
  Level0Rect rect;
  ReferenceCriteria criteria;
  double score = 0;  ///< 0..1, see rank_reference_tiles
  RgbImage picture;
};

struct ReferenceRanking {
  std::vector<ReferenceTile> tiles;  ///< best first
  std::size_t candidates = 0;        ///< tiles that were compared
  std::vector<std::string> failed;   ///< `<slide>: <reason>`, in the order of the input
};

/// Ranks tiles as references by the seed report's four criteria: little white background, several
/// tissue parts, and a colour and a nuclear density that are the average of the slides. A tile's
/// score is the mean, over the four, of the share of the other candidates that are no better.
/// Tiles and slides without two stains are no candidates. The same ranking for any number of
/// threads; equal scores keep the order of slides and grid. A slide that fails does not stop the
/// run.
/// @param stop  set it to end early; the ranking is then of the slides read so far.
ReferenceRanking rank_reference_tiles(const std::vector<SlideInput>& slides,
                                      const ReferenceOptions& options, const SlideOpener& open,
                                      const std::atomic<bool>& stop);

}  // namespace clippath
