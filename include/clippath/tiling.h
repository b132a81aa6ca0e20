// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "clippath/core/geometry.h"
#include "clippath/core/image.h"
#include "clippath/core/result.h"
#include "clippath/slide.h"

namespace clippath {

/// The longest side of a patch picture as it is filtered, stain-normalised, saved and served. The
/// seed report normalises at 299 px; what is read larger is resampled to it once, and the encoder's
/// own input size is made from that.
inline constexpr int kPatchPicturePx = 299;

/// The same where this many pixels a side are wanted: an encoder that sees more than 299 px gets
/// them.
constexpr int patch_picture_px(int wanted_px) {
  return wanted_px > kPatchPicturePx ? wanted_px : kPatchPicturePx;
}

/// A square field of view: in micrometres, or in level-0 pixels (the seed's 1024, 2048, 3072).
struct FieldOfView {
  enum class Unit { kMicrons, kLevel0Pixels };
  Unit unit = Unit::kMicrons;
  double value = 512;

  friend bool operator==(const FieldOfView&, const FieldOfView&) = default;
};

/// What becomes of tiles that would cross the right or bottom edge of a slide's bounds.
enum class EdgePolicy {
  kDrop,  ///< left out
  kPad    ///< kept, one a row and one a column; beyond the slide is background
};

/// `drop`, `pad`.
std::string_view to_string(EdgePolicy edge);
/// Fails: kInvalidArgument naming the two.
Result<EdgePolicy> parse_edge_policy(std::string_view text);

/// What may be a tile of a grid.
struct TilePolicy {
  EdgePolicy edge = EdgePolicy::kDrop;
  bool allow_upsampling = false;  ///< take a slide whose tiles have to be enlarged for the encoder
};

/// How the pixels of one tile are read: the coarsest level that does not have to be enlarged for
/// the encoder, and the size there.
struct PatchRead {
  int level = 0;
  PixelSize size;  ///< of the read at that level: per axis ceil(level-0 side / downsample)
  int picture_px = kPatchPicturePx;  ///< longest side of the picture made of it
};
PatchRead plan_patch_read(const SlideInfo& slide, PixelSize level0_size, int encoder_px);

/// One tile of a grid, at this origin.
struct TileRef {
  std::int64_t index = 0;  ///< position in the grid: row by row, then column by column
  Level0Point origin;
};

/// A regular grid of tiles over one slide, each a square of tissue.
struct TileGrid {
  std::int64_t level0_extent = 0;  ///< width of a tile in level-0 pixels; names the series
  std::int64_t level0_height = 0;  ///< its height: another number only where a field in micrometres
                                   ///< meets pixels that are not square
  double extent_um = 0;  ///< its true physical width: level0_extent * mpp; 0 where mpp is unknown
  PatchRead read;
  std::int64_t columns = 0;
  std::int64_t rows = 0;
  std::vector<TileRef> tiles;

  /// What a tile covers.
  [[nodiscard]] Level0Rect rect_of(const TileRef& tile) const {
    return {tile.origin.x, tile.origin.y, level0_extent, level0_height};
  }
};

/// Lays a grid over the slide's bounds.
///
/// Per axis, with E = floor(F / mpp + .5) the side and s = E * (1 - overlap) the stride, tile i
/// starts at floor(x0 + i*s + .5), counted from i so that no error accumulates. The last tile of an
/// axis is the last that fits; with EdgePolicy::kPad the first that reaches the edge.
/// @param encoder_px  input side of the encoder; decides which level is fine enough.
/// @param overlap     share of a tile's side, -9 <= overlap <= 0.9; below 0 there are gaps.
/// Fails: kInvalidArgument if the field is not positive or the overlap is out of range;
///        kFailedPrecondition if the slide is coarser than 1.1 times the resolution that the
///        encoder needs (tiles are never enlarged, but for `allow_upsampling`), if no level shows a
///        tile in kMostReadSide px, or (with micrometres) if `scale` is null.
/// A slide smaller than one field yields an empty grid, or a padded tile; no error here.
Result<TileGrid> make_tile_grid(const SlideInfo& slide, const SlideScale* scale, FieldOfView field,
                                double overlap, int encoder_px, const TilePolicy& policy = {});

/// The picture that is normalised, encoded, hashed and shown: at most `longest_px` on its longer
/// side (bicubic); a smaller one is kept as it is.
/// @param longest_px  patch_picture_px of the encoder.
RgbImage to_patch_picture(RgbImage picture, int longest_px);

/// The same for what was read of a tile. A tile is a square of tissue, so its picture is square
/// too: pixels that are not are resampled per axis, to the shorter side of the read.
RgbImage to_square_patch_picture(RgbImage tile, int longest_px);

/// Reads the patch picture of one tile, exactly as the indexer filtered and encoded it (before
/// stain): the read at the level that make_tile_grid chooses, as to_square_patch_picture makes it.
/// @param rect        what the tile covers, as TileGrid::rect_of.
/// @param encoder_px  input side of the encoder, as for make_tile_grid.
/// Fails as SlideReader::read.
Result<RgbImage> read_patch_picture(const SlideReader& slide, const Level0Rect& rect,
                                    int encoder_px);

}  // namespace clippath
