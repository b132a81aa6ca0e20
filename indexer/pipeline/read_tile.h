// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "clippath/encoder.h"
#include "clippath/manifest.h"
#include "clippath/records.h"
#include "clippath/slide.h"
#include "clippath/tiling.h"
#include "clippath/tissue.h"
#include "indexer/pipeline/stain_step.h"

namespace clippath {

/// What became of one tile: dropped for a reason, or a patch whose picture waits for the encoder.
struct TileOutcome {
  std::optional<DropReason> dropped;
  std::optional<Error> error;  ///< with kReadError
  PatchRecord patch;
  RgbImage encoder_input;  ///< as Encoder::fit made it
};

/// Reads one tile of a slide, drops it if it is too white, makes the patch's picture and evens out
/// its stain for the encoder.
/// @param tissue_fraction  of the tile in the slide's mask; noted in the patch.
TileOutcome read_tile(const SlideReader& slide, const SlideId& id, const TileGrid& grid,
                      const TileRef& ref, double tissue_fraction, const TissueRule& rule,
                      const StainStep& stain, const Encoder& encoder);

/// The same for a ready-made patch: its picture is taken as it is, no filter is applied.
TileOutcome read_ready_patch(const PatchInput& input, const TissueRule& rule,
                             const StainStep& stain, const Encoder& encoder);

/// The picture of a ready-made patch, before stain. Fails: as read_file and decode_picture.
Result<RgbImage> read_ready_picture(const PatchInput& input);

}  // namespace clippath
