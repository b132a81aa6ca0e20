// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "clippath/core/image.h"
#include "clippath/core/pictures.h"
#include "clippath/encoder_list.h"
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
  std::optional<Error> error;  ///< with kReadError; without a reason it is the slide that fails
  PatchRecord patch;
  std::vector<RgbImage> encoder_inputs;  ///< one for each encoder, as its Encoder::fit made it
};

/// A tile as it was read and filtered.
struct TilePicture {
  TileOutcome outcome;  ///< without the inputs of the encoders
  RgbImage picture;     ///< the patch picture; empty where it was dropped
  RgbImage as_read;     ///< the same before stain, where the run saves pictures; else empty
};

/// The tiles of one series that are to be read, in reading order.
struct SeriesTiles {
  std::size_t count = 0;
  std::function<TilePicture(std::size_t)> read;  ///< tile i < count; once each, on reader threads
};

/// Reads one tile of a slide and makes the patch's picture; drops it if its own pixels show too
/// little tissue, too much white, or a fault.
/// @param mask_fraction  share of tissue of the tile in the slide's mask.
TilePicture read_tile(const SlideReader& slide, const SlideId& id, const TileGrid& grid,
                      const TileRef& ref, double mask_fraction, const TissueRule& rule,
                      QualityRules quality);

/// The same for a ready-made patch: its picture is taken as it is, no filter is applied.
/// @param picture_px  a larger one is resampled to it: patch_picture_px of the encoders.
TilePicture read_ready_patch(const PatchInput& input, const TissueRule& rule, int picture_px,
                             const PictureDecoder& decode);

/// The last step before the encoders: makes their inputs of the picture, where there still is one.
TileOutcome fit_to_encoders(TilePicture tile, const EncoderList& encoders);

}  // namespace clippath
