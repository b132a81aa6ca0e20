// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>

#include "clippath/core/image.h"
#include "clippath/manifest.h"
#include "clippath/quality.h"
#include "clippath/records.h"
#include "clippath/slide.h"
#include "clippath/tiling.h"
#include "clippath/tissue.h"

namespace clippath {

/// What became of one tile: dropped for a reason, or a patch whose picture waits for the encoder.
struct TileOutcome {
  std::optional<DropReason> dropped;
  std::optional<Error> error;  ///< with kReadError
  PatchRecord patch;
  RgbImage encoder_input;  ///< as Encoder::fit made it
};

/// A tile as it was read and filtered.
struct TilePicture {
  TileOutcome outcome;  ///< without the encoder's input
  RgbImage picture;     ///< the patch picture, before stain; empty where it was dropped
};

/// Reads one tile; runs on a reader thread, once.
using ReadTile = std::function<TilePicture()>;

/// Reads one tile of a slide and makes the patch's picture; drops it if its own pixels show too
/// little tissue, too much white, or a fault.
/// @param mask_fraction  share of tissue of the tile in the slide's mask.
TilePicture read_tile(const SlideReader& slide, const SlideId& id, const TileGrid& grid,
                      const TileRef& ref, double mask_fraction, const TissueRule& rule,
                      QualityRules quality);

/// The same for a ready-made patch: its picture is taken as it is, no filter is applied.
TilePicture read_ready_patch(const PatchInput& input, const TissueRule& rule);

}  // namespace clippath
