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
#include "indexer/pipeline/attention_sheet.h"
#include "indexer/pipeline/prepare_slide.h"
#include "indexer/pipeline/series_tiles.h"
#include "indexer/pipeline/stain_step.h"
#include "indexer/pipeline/unreadable_run.h"

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

/// The tiles of one grid with what became of each, and what the filters left in its series.
struct JudgedGrid {
  std::vector<JudgedTile> tiles;   ///< in grid order
  std::vector<TissueTile> read;    ///< those with tissue, in reading order
  std::vector<ScoredTile> scored;  ///< of these, what the attention filter looked at
  SeriesRecord series;
};

/// Judges every tile by the steps that an index takes.
/// @param unreadable  of the slide; goes on from one grid to the next.
Result<JudgedGrid> judge_grid(const PreparedSlide& slide, const SlideId& id, const TileGrid& grid,
                              const TissueMask& mask, const Readers& readers,
                              UnreadableRun& unreadable) {
  JudgedGrid judged;
  for (const TileRef& ref : grid.tiles) judged.tiles.push_back({grid.rect_of(ref), {}});
  judged.read = find_tissue(slide, grid, mask, [&judged](const TileRef& ref, DropReason reason) {
    judged.tiles[static_cast<std::size_t>(ref.index)].dropped = reason;
  });
  SeriesTiles tiles = tile_series(slide, id, grid, judged.read, readers.options);
  CLIPPATH_TRY_VOID(add_steps(readers, tiles, judged.series));
  std::vector<TileOutcome> outcomes(tiles.count);
  on_threads(tiles.count, readers.options.threads, [&](std::size_t i) {
    outcomes[i] = tiles.read(i).outcome;
    return !readers.stopping();
  });
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const TileOutcome& outcome = outcomes[i];
    JudgedTile& tile = judged.tiles[static_cast<std::size_t>(judged.read[i].index)];
    if (unreadable.too_long()) {
      tile.dropped = DropReason::kReadError;
      continue;
    }
    if (outcome.error && !outcome.dropped) return fail(*outcome.error);
    unreadable.add(!outcome.error);
    tile.dropped = outcome.dropped;
    if (!outcome.patch.attention) continue;
    judged.scored.push_back(
        {i, outcome.patch.id.value, *outcome.patch.attention, !outcome.dropped.has_value()});
  }
  return judged;
}

/// What the attention filter saw of some tiles, and where it looked.
Result<RgbImage> draw_attention_of(const JudgedGrid& judged, const PreparedSlide& slide,
                                   const SlideId& id, const TileGrid& grid,
                                   const IndexOptions& options) {
  const SeriesTiles tiles = tile_series(slide, id, grid, judged.read, options);
  const StainStep stain(options.stain, judged.series.stain);
  return draw_attention_sheet(judged.scored, *options.attention_network,
                              [&](std::size_t place) -> Result<RgbImage> {
                                TilePicture tile = stain(tiles.read(place));
                                if (tile.outcome.error) return fail(*tile.outcome.error);
                                return std::move(tile.picture);
                              });
}

std::string title_of(const SlideId& id, const FieldOfView& field, const IndexOptions& options) {
  return id.value + ", " + to_text(field) + ", tissue " +
         std::string(to_string(options.tissue.preset)) + ", quality " + to_string(options.quality);
}

fs::path picture_file(const fs::path& folder, const SlideId& id, const TileGrid& grid,
                      const std::string& suffix = "") {
  return folder /
         (file_name_of(id.value) + "_" + std::to_string(grid.level0_extent) + suffix + ".png");
}

Result<void> explain_slide(const SlideInput& input, int encoder_px, const SlideOpener& open,
                           const fs::path& folder, const Readers& readers) {
  const IndexOptions& options = readers.options;
  CLIPPATH_TRY(const PreparedSlide slide, prepare_slide(input, options, encoder_px, open));
  CLIPPATH_TRY(const Thumbnail overview, read_overview(slide));
  CLIPPATH_TRY(const TissueMask mask, make_tissue_mask(*slide.reader, slide.scale, options.tissue));
  UnreadableRun unreadable;
  for (std::size_t i = 0; i < slide.grids.size(); ++i) {
    const TileGrid& grid = slide.grids[i];
    CLIPPATH_TRY(const JudgedGrid judged,
                 judge_grid(slide, input.id, grid, mask, readers, unreadable));
    if (readers.stopping()) return {};
    const RgbImage overlay = draw_tissue_overlay(overview, mask, judged.tiles,
                                                 title_of(input.id, options.fields[i], options));
    CLIPPATH_TRY_VOID(
        write_file_durably(picture_file(folder, input.id, grid), encode_png(overlay)));
    if (judged.scored.empty()) continue;
    CLIPPATH_TRY(const RgbImage sheet, draw_attention_of(judged, slide, input.id, grid, options));
    CLIPPATH_TRY_VOID(
        write_file_durably(picture_file(folder, input.id, grid, "_attention"), encode_png(sheet)));
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
  WorkerPool pool(options.threads);
  const Readers readers{options, pool, [&stop] { return stop.load(); }};
  std::vector<std::string> not_drawn;
  for (const SlideInput& input : slides) {
    if (stop) break;
    const auto drawn = explain_slide(input, encoder_px_of(encoders), open, folder, readers);
    if (drawn || stop) continue;
    if (drawn.error().kind == ErrorKind::kOutOfSpace) return fail(drawn.error());
    not_drawn.push_back(input.id.value + ": " + drawn.error().message);
  }
  return not_drawn;
}

}  // namespace clippath
