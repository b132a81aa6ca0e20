// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <system_error>
#include <utility>

#include "clippath/core/files.h"
#include "clippath/core/on_threads.h"
#include "clippath/core/pictures.h"
#include "clippath/pipeline.h"
#include "clippath/tissue_overlay.h"
#include "indexer/pipeline/prepare_slide.h"
#include "indexer/pipeline/read_tile.h"

namespace clippath {
namespace {

namespace fs = std::filesystem;

constexpr int kOverviewPx = 1200;
// Of a slide without a scale, so that its overview is read in the same way.
constexpr MicronsPerPixel kUnit{0.5};

/// A picture of about kOverviewPx, finer than the mask's on a small slide, never much coarser.
Result<Thumbnail> read_overview(const PreparedSlide& slide) {
  const Level0Rect& bounds = slide.reader->info().bounds;
  const double mpp0 = (slide.scale ? slide.scale->mpp : kUnit).value;
  const auto longer = static_cast<double>(std::max(bounds.width, bounds.height));
  const double mpp = std::max(mpp0, std::min(mpp0 * longer / kOverviewPx, kMaskMpp));
  return read_thumbnail(*slide.reader, slide.scale, mpp);
}

std::vector<JudgedTile> judge_grid(const PreparedSlide& slide, const SlideId& id,
                                   const TileGrid& grid, const TissueMask& mask,
                                   const IndexOptions& options, const std::atomic<bool>& stop) {
  std::vector<JudgedTile> tiles(grid.tiles.size());
  TileSieve sieve(slide, mask);
  for (std::size_t i = 0; i < tiles.size(); ++i) {
    tiles[i].rect = grid.rect_of(grid.tiles[i]);
    tiles[i].dropped = sieve.drop_reason(tiles[i].rect);
  }
  on_threads(grid.tiles.size(), options.threads, [&](std::size_t i) {
    JudgedTile& tile = tiles[i];
    if (!tile.dropped) {
      tile.dropped = read_tile(*slide.reader, id, grid, grid.tiles[i],
                               mask.tissue_fraction(tile.rect), options.tissue, options.quality)
                         .outcome.dropped;
    }
    return !stop;
  });
  return tiles;
}

std::string title_of(const SlideId& id, const FieldOfView& field, const IndexOptions& options) {
  return id.value + ", " + to_text(field) + ", tissue " +
         std::string(to_string(options.tissue.preset)) + ", quality " + to_string(options.quality);
}

std::string file_name(const SlideId& id, const TileGrid& grid) {
  return file_name_of(id.value) + "_" + std::to_string(grid.level0_extent) + ".png";
}

Result<void> explain_slide(const SlideInput& input, const IndexOptions& options, int encoder_px,
                           const SlideOpener& open, const fs::path& folder,
                           const std::atomic<bool>& stop) {
  CLIPPATH_TRY(const PreparedSlide slide, prepare_slide(input, options, encoder_px, open));
  CLIPPATH_TRY(const Thumbnail overview, read_overview(slide));
  CLIPPATH_TRY(const TissueMask mask, make_tissue_mask(*slide.reader, slide.scale, options.tissue));
  for (std::size_t i = 0; i < slide.grids.size(); ++i) {
    const TileGrid& grid = slide.grids[i];
    const auto tiles = judge_grid(slide, input.id, grid, mask, options, stop);
    if (stop) return {};
    const RgbImage overlay =
        draw_tissue_overlay(overview, mask, tiles, title_of(input.id, options.fields[i], options));
    CLIPPATH_TRY_VOID(write_file_durably(folder / file_name(input.id, grid), encode_png(overlay)));
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> explain_slides(const std::vector<SlideInput>& slides,
                                                const IndexOptions& options,
                                                const EncoderList& encoders,
                                                const SlideOpener& open, const fs::path& folder,
                                                const std::atomic<bool>& stop) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    return fail(ErrorKind::kInvalidArgument,
                "folder '" + folder.string() + "' cannot be made: " + error.message());
  }
  std::vector<std::string> not_drawn;
  for (const SlideInput& input : slides) {
    if (stop) break;
    const auto drawn = explain_slide(input, options, encoder_px_of(encoders), open, folder, stop);
    if (drawn) continue;
    if (drawn.error().kind == ErrorKind::kOutOfSpace) return fail(drawn.error());
    not_drawn.push_back(input.id.value + ": " + drawn.error().message);
  }
  return not_drawn;
}

}  // namespace clippath
