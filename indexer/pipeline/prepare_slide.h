// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "clippath/pipeline.h"

namespace clippath {

/// A slide that was opened, with its scale and one grid for each field of view.
struct PreparedSlide {
  std::shared_ptr<const SlideReader> reader;
  std::optional<SlideScale> scale;
  std::vector<TileGrid> grids;        ///< in the order of the options' fields
  std::optional<Regions> regions;     ///< nothing: all of the slide
  std::vector<std::string> warnings;  ///< levels that cannot be decoded, doubts about the scale
};

/// Which tiles of a slide are not even read, asked in grid order: those that its regions leave out
/// (a tile is where its centre is), then those without tissue in the mask. One thread at a time.
class TileSieve {
 public:
  /// Both outlive this object.
  TileSieve(const PreparedSlide& slide, const TissueMask& mask);

  /// Nothing for a tile that is to be read.
  std::optional<DropReason> drop_reason(const Level0Rect& tile);

 private:
  std::optional<RegionScan> scan_;
  const TissueMask& mask_;
};

/// Opens a slide, settles its microns per pixel (the manifest's value, the file's, the policy) and
/// lays the grids; reads its regions where it has some.
/// @param encoder_px  longest input side of the encoders.
/// Fails: as the opener, make_tile_grid and read_regions; kInvalidArgument for an input with a
/// fault; kFailedPrecondition without a scale where a field of view needs one.
Result<PreparedSlide> prepare_slide(const SlideInput& input, const IndexOptions& options,
                                    int encoder_px, const SlideOpener& open);

/// The failure of a slide without a usable scale; `notes` say what was found instead.
Error missing_scale(const std::vector<std::string>& notes);

/// True for the failure of prepare_slide that is kNoMpp, or with `--missing-mpp skip` kSkipped.
bool is_missing_scale(const Error& error);

/// Longest input side of the encoders' image towers, in pixels.
int encoder_px_of(const EncoderList& encoders);

/// Longest side of the patch pictures that all of them are given.
int picture_px_of(const EncoderList& encoders);

/// Tells why a slide has no tile at all: it is smaller than the field of view.
std::string too_small(const PreparedSlide& slide);

/// `512 um`, `1024 level-0 px`.
std::string to_text(FieldOfView field);

}  // namespace clippath
