// SPDX-License-Identifier: Apache-2.0
#include "indexer/pipeline/read_tile.h"

#include <algorithm>
#include <utility>

#include "clippath/core/digest.h"
#include "clippath/core/files.h"

namespace clippath {
namespace {

constexpr std::uintmax_t kMaxPictureBytes = std::uintmax_t{64} << 20;

TilePicture unreadable(Error error) {
  TilePicture tile;
  tile.outcome.dropped = DropReason::kReadError;
  tile.outcome.error = std::move(error);
  return tile;
}

TilePicture dropped(DropReason reason) {
  TilePicture tile;
  tile.outcome.dropped = reason;
  return tile;
}

Result<RgbImage> read_ready_picture(const std::filesystem::path& file, int picture_px,
                                    const PictureDecoder& decode) {
  CLIPPATH_TRY(const auto bytes, read_file(file, kMaxPictureBytes));
  Result<RgbImage> decoded = decode(bytes, {});
  if (!decoded) return fail(decoded.error().within("'" + file.string() + "'"));
  return to_patch_picture(std::move(*decoded), picture_px);
}

/// The rules are made for pictures of at most 299 px: a larger one is judged as such a picture.
std::optional<DropReason> judge_picture(const RgbImage& picture, const TissueRule& rule,
                                        QualityRules quality) {
  if (std::max(picture.width, picture.height) > kPatchPicturePx) {
    return judge_picture(to_patch_picture(picture, kPatchPicturePx), rule, quality);
  }
  if (!looks_like_tissue(picture, rule)) return DropReason::kBackground;
  return find_fault(picture, quality);
}

}  // namespace

TilePicture read_tile(const SlideReader& slide, const SlideId& id, const TileGrid& grid,
                      const TileRef& ref, double mask_fraction, const TissueRule& rule,
                      QualityRules quality) {
  Result<RgbImage> read = slide.read(ref.origin, grid.read.level, grid.read.size);
  if (!read) return unreadable(read.error());

  const TileTissue tissue = judge_tile(*read, mask_fraction, rule);
  if (tissue.dropped) return dropped(*tissue.dropped);
  TilePicture tile;
  tile.picture = to_square_patch_picture(std::move(*read), grid.read.picture_px);
  if (const auto reason = judge_picture(tile.picture, rule, quality)) return dropped(*reason);
  PatchRecord& patch = tile.outcome.patch;
  patch.id = make_patch_id(id, ref.origin, grid.level0_extent);
  patch.rect = grid.rect_of(ref);
  patch.extent_um = grid.extent_um;
  patch.tissue_fraction = tissue.tissue_fraction;
  patch.white_fraction = tissue.white_fraction;
  patch.picture_hash = xxh3(tile.picture.pixels);
  return tile;
}

TilePicture read_ready_patch(const PatchInput& input, const TissueRule& rule, int picture_px,
                             const PictureDecoder& decode) {
  Result<RgbImage> read = read_ready_picture(input.file, picture_px, decode);
  if (!read) return unreadable(read.error());

  TilePicture tile;
  tile.picture = std::move(*read);
  PatchRecord& patch = tile.outcome.patch;
  patch.id = input.id;
  patch.rect = input.rect;
  patch.extent_um = input.extent_um;
  patch.white_fraction = white_fraction(tile.picture, rule.white_threshold);
  patch.picture_hash = xxh3(tile.picture.pixels);
  patch.image_path = input.file.string();
  patch.caption = input.caption;
  patch.fields = input.fields;
  return tile;
}

TileOutcome fit_to_encoders(TilePicture tile, const EncoderList& encoders) {
  if (!tile.picture.empty()) {
    for (const Encoder* encoder : encoders) {
      tile.outcome.encoder_inputs.push_back(encoder->fit(tile.picture));
    }
  }
  return std::move(tile.outcome);
}

}  // namespace clippath
