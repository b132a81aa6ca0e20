// SPDX-License-Identifier: Apache-2.0
#include "indexer/pipeline/read_tile.h"

#include <algorithm>
#include <cmath>

#include "clippath/core/digest.h"
#include "clippath/core/files.h"
#include "clippath/core/pictures.h"

namespace clippath {
namespace {

constexpr std::uintmax_t kMaxPictureBytes = std::uintmax_t{64} << 20;

TileOutcome unreadable(Error error) {
  TileOutcome outcome;
  outcome.dropped = DropReason::kReadError;
  outcome.error = std::move(error);
  return outcome;
}

void set_encoder_input(TileOutcome& outcome, const RgbImage& picture, const StainStep& stain,
                       const Encoder& encoder) {
  const std::optional<RgbImage> normalised = stain(picture);
  outcome.patch.keeps_stain = !normalised;
  outcome.encoder_input = encoder.fit(normalised ? *normalised : picture);
}

}  // namespace

TileOutcome read_tile(const SlideReader& slide, const SlideId& id, const TileGrid& grid,
                      const TileRef& ref, double tissue_fraction, const TissueRule& rule,
                      const StainStep& stain, const Encoder& encoder) {
  Result<RgbImage> tile = slide.read(ref.origin, grid.level, {grid.read_px, grid.read_px});
  if (!tile) return unreadable(tile.error());

  TileOutcome outcome;
  const double white = white_fraction(*tile, rule.white_threshold);
  if (white > rule.max_white) {
    outcome.dropped = DropReason::kWhite;
    return outcome;
  }
  const RgbImage picture = to_patch_picture(std::move(*tile));
  outcome.patch.id = make_patch_id(id, ref.origin, grid.level0_extent);
  outcome.patch.rect =
      Level0Rect{ref.origin.x, ref.origin.y, grid.level0_extent, grid.level0_extent};
  outcome.patch.extent_um = grid.extent_um;
  outcome.patch.tissue_fraction = tissue_fraction;
  outcome.patch.white_fraction = white;
  outcome.patch.picture_hash = xxh3(picture.pixels);
  set_encoder_input(outcome, picture, stain, encoder);
  return outcome;
}

Result<RgbImage> read_ready_picture(const PatchInput& input) {
  CLIPPATH_TRY(const auto bytes, read_file(input.file, kMaxPictureBytes));
  Result<RgbImage> decoded = decode_picture(bytes);
  if (!decoded) return fail(decoded.error().within("'" + input.file.string() + "'"));
  return to_patch_picture(std::move(*decoded));
}

TileOutcome read_ready_patch(const PatchInput& input, const TissueRule& rule,
                             const StainStep& stain, const Encoder& encoder) {
  const Result<RgbImage> read = read_ready_picture(input);
  if (!read) return unreadable(read.error());
  const RgbImage& picture = *read;

  TileOutcome outcome;
  outcome.patch.id = input.id;
  outcome.patch.rect = input.rect;
  outcome.patch.extent_um = input.extent_um;
  outcome.patch.white_fraction = white_fraction(picture, rule.white_threshold);
  outcome.patch.picture_hash = xxh3(picture.pixels);
  outcome.patch.image_path = input.file.string();
  outcome.patch.caption = input.caption;
  outcome.patch.fields = input.fields;
  set_encoder_input(outcome, picture, stain, encoder);
  return outcome;
}

}  // namespace clippath
