// SPDX-License-Identifier: Apache-2.0
#include "clippath/pipeline.h"

#include <ctime>
#include <memory>
#include <utility>

#include "indexer/pipeline/conveyor.h"
#include "indexer/pipeline/index_run.h"
#include "indexer/pipeline/outcome.h"
#include "indexer/pipeline/prepare_slide.h"
#include "indexer/pipeline/saved_patches.h"
#include "indexer/pipeline/series_tiles.h"
#include "indexer/pipeline/slide_identity.h"

namespace clippath {
namespace {

PipelineDocument describe_pipeline(FieldOfView field, const IndexOptions& options, int picture_px) {
  PipelineDocument pipeline;
  pipeline.field_of_view = to_text(field);
  pipeline.overlap = options.overlap;
  pipeline.edge = to_string(options.tiles.edge);
  pipeline.allow_upsampling = options.tiles.allow_upsampling;
  pipeline.picture_px = picture_px;
  pipeline.tissue = to_string(options.tissue.preset);
  pipeline.min_tissue = options.tissue.min_tissue;
  pipeline.max_white = options.tissue.max_white;
  pipeline.white_threshold = options.tissue.white_threshold;
  pipeline.quality = to_string(options.quality);
  pipeline.stain = options.stain;
  pipeline.attention = options.attention;
  return pipeline;
}

Result<std::vector<std::string>> note_pipelines(const IndexOptions& options, int picture_px,
                                                DataFolder& folder) {
  std::vector<std::string> ids;
  for (const FieldOfView& field : options.fields) {
    const PipelineDocument pipeline = describe_pipeline(field, options, picture_px);
    CLIPPATH_TRY_VOID(folder.note_pipeline(pipeline));
    ids.push_back(pipeline.id());
  }
  return ids;
}

SlideRecord describe_slide(const SlideInput& input, const PreparedSlide& slide,
                           std::vector<EncoderId> encoders) {
  const SlideInfo& info = slide.reader->info();
  SlideRecord record;
  record.id = input.id;
  record.case_id = input.case_id;
  record.path = input.path.string();
  record.size = info.levels.front().size;
  record.scale = slide.scale;
  record.objective = info.objective;
  record.vendor = info.vendor;
  record.caption = input.caption;
  record.report_ids = input.report_ids;
  record.fields = input.fields;
  record.encoders = std::move(encoders);
  record.indexed_at = std::time(nullptr);
  for (const TileGrid& grid : slide.grids) {
    SeriesRecord series;
    series.level0_extent = grid.level0_extent;
    series.extent_um = grid.extent_um;
    series.tiles["grid"] = static_cast<std::int64_t>(grid.tiles.size());
    if (slide.regions) series.regions_id = slide.regions->id();
    record.series.push_back(std::move(series));
  }
  return record;
}

std::int64_t grid_tiles(const PreparedSlide& slide) {
  std::int64_t tiles = 0;
  for (const TileGrid& grid : slide.grids) tiles += static_cast<std::int64_t>(grid.tiles.size());
  return tiles;
}

/// The tiles to be read; the others are counted in the series.
SeriesTiles tiles_to_read(const PreparedSlide& slide, const SlideId& id, const TileGrid& grid,
                          const TissueMask& mask, IndexRun& run, SeriesRecord& series) {
  std::vector<TissueTile> found =
      find_tissue(slide, grid, mask, [&series](const TileRef&, DropReason reason) {
        ++series.tiles[std::string(to_string(reason))];
      });
  run.saw_tiles(static_cast<std::int64_t>(grid.tiles.size() - found.size()));
  return tile_series(slide, id, grid, std::move(found), run.options());
}

/// Those of the file, before those of what was found in it.
void add_warnings(const std::vector<std::string>& warnings, SlideOutcome& outcome) {
  outcome.warnings.insert(outcome.warnings.begin(), warnings.begin(), warnings.end());
}

/// One slide, from its file to its rows in the store.
Result<SlideOutcome> index_slide(const SlideInput& input, const SlideOpener& open,
                                 const std::vector<std::string>& pipeline_ids, IndexRun& run) {
  CLIPPATH_TRY(const PreparedSlide slide,
               prepare_slide(input, run.options(), encoder_px_of(run.encoders()), open));
  SlideRecord record = describe_slide(input, slide, ids_of(run.encoders()));
  for (std::size_t i = 0; i < pipeline_ids.size(); ++i) {
    record.series[i].pipeline_id = pipeline_ids[i];
  }
  run.expect_tiles(grid_tiles(slide));

  CLIPPATH_TRY(const SlideIdentity identity, identify_slide(run, input.id, input.path));
  CLIPPATH_TRY_VOID(check_imported(identity, record, run.options().replace));
  if (is_complete(identity, record, record.series)) {
    CLIPPATH_TRY(const bool lacking,
                 run.from_store(lacks_pictures(run, *identity.stored, record.series)));
    SlideOutcome outcome = unchanged_outcome(*identity.stored, record.series);
    add_warnings(slide.warnings, outcome);
    if (grid_tiles(slide) == 0) outcome.reason = too_small(slide);
    if (!lacking && leaves_stored(run.options(), outcome)) {
      run.saw_tiles(grid_tiles(slide));
      CLIPPATH_TRY(record.fingerprint, finish_fingerprint(identity, input.path));
      CLIPPATH_TRY_VOID(refresh_slide(run, *identity.stored, std::move(record)));
      return outcome;
    }
  }

  CLIPPATH_TRY_VOID(make_picture_folder(run, input.id));
  CLIPPATH_TRY(auto writer, run.from_store(run.records().write_slide(input.id, record.encoders)));
  std::optional<Error> first_read_error;
  if (grid_tiles(slide) > 0) {
    CLIPPATH_TRY(const TissueMask mask,
                 make_tissue_mask(*slide.reader, slide.scale, run.options().tissue));
    Conveyor conveyor(run, *writer);
    for (std::size_t i = 0; i < slide.grids.size(); ++i) {
      SeriesRecord& series = record.series[i];
      CLIPPATH_TRY_VOID(conveyor.add_series(
          series, tiles_to_read(slide, input.id, slide.grids[i], mask, run, series)));
    }
    CLIPPATH_TRY_VOID(conveyor.finish());
    first_read_error = conveyor.first_read_error();
  }

  CLIPPATH_TRY(SlideOutcome outcome, new_outcome(record, first_read_error));
  add_warnings(slide.warnings, outcome);
  if (grid_tiles(slide) == 0) outcome.reason = too_small(slide);
  CLIPPATH_TRY(record.fingerprint, finish_fingerprint(identity, input.path));
  record.partial = first_read_error.has_value() || kept_series_partial(identity, record);
  empty_stale_series(identity, record);
  CLIPPATH_TRY_VOID(complete_slide(run, *writer, std::move(record)));
  return outcome;
}

}  // namespace

Result<IndexSummary> index_slides(const std::vector<SlideInput>& slides,
                                  const IndexOptions& options, const EncoderList& encoders,
                                  const SlideOpener& open, DataFolder& folder,
                                  const ProgressSink& progress, const std::atomic<bool>& stop) {
  const int picture_px = picture_px_of(encoders);
  CLIPPATH_TRY(const auto pipeline_ids, note_pipelines(options, picture_px, folder));
  IndexRun run(options, encoders, folder, progress, stop);
  return run.run(slides.size(), [&](std::size_t i) {
    return finish_outcome(run, slides[i].id, index_slide(slides[i], open, pipeline_ids, run));
  });
}

}  // namespace clippath
