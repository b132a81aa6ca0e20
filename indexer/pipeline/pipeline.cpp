// SPDX-License-Identifier: Apache-2.0
#include "clippath/pipeline.h"

#include <ctime>
#include <utility>

#include "indexer/pipeline/conveyor.h"
#include "indexer/pipeline/index_run.h"
#include "indexer/pipeline/outcome.h"
#include "indexer/pipeline/prepare_slide.h"
#include "indexer/pipeline/slide_identity.h"

namespace clippath {
namespace {

PipelineDocument describe_pipeline(FieldOfView field, const IndexOptions& options) {
  PipelineDocument pipeline;
  pipeline.field_of_view = to_text(field);
  pipeline.overlap = options.overlap;
  pipeline.picture_px = kPatchPicturePx;
  pipeline.tissue = to_string(options.tissue.preset);
  pipeline.min_tissue = options.tissue.min_tissue;
  pipeline.max_white = options.tissue.max_white;
  pipeline.white_threshold = options.tissue.white_threshold;
  pipeline.quality = to_string(options.quality);
  pipeline.stain = options.stain;
  return pipeline;
}

Result<std::vector<std::string>> note_pipelines(const IndexOptions& options, DataFolder& folder) {
  std::vector<std::string> ids;
  for (const FieldOfView& field : options.fields) {
    const PipelineDocument pipeline = describe_pipeline(field, options);
    CLIPPATH_TRY_VOID(folder.note_pipeline(pipeline));
    ids.push_back(pipeline.id());
  }
  return ids;
}

SlideRecord describe_slide(const SlideInput& input, const PreparedSlide& slide,
                           const EncoderId& encoder) {
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
  record.encoder = encoder;
  record.indexed_at = std::time(nullptr);
  for (const TileGrid& grid : slide.grids) {
    SeriesRecord series;
    series.level0_extent = grid.level0_extent;
    series.extent_um = grid.extent_um;
    series.tiles["grid"] = static_cast<std::int64_t>(grid.tiles.size());
    record.series.push_back(std::move(series));
  }
  return record;
}

std::int64_t grid_tiles(const PreparedSlide& slide) {
  std::int64_t tiles = 0;
  for (const TileGrid& grid : slide.grids) tiles += static_cast<std::int64_t>(grid.tiles.size());
  return tiles;
}

/// The tiles to be read. Most of a slide is background and is not even read.
std::vector<ReadTile> find_tissue(const PreparedSlide& slide, const SlideId& id,
                                  const TileGrid& grid, const TissueMask& mask, IndexRun& run,
                                  SeriesRecord& series) {
  const TissueRule& rule = run.options().tissue;
  std::vector<ReadTile> tiles;
  const QualityRules quality = run.options().quality;
  for (const TileRef& ref : grid.tiles) {
    const Level0Rect rect{ref.origin.x, ref.origin.y, grid.level0_extent, grid.level0_extent};
    if (!mask.keeps(rect)) continue;
    const double tissue = mask.tissue_fraction(rect);
    tiles.emplace_back([&slide, &id, &grid, &rule, quality, ref, tissue] {
      return read_tile(*slide.reader, id, grid, ref, tissue, rule, quality);
    });
  }
  const auto background = static_cast<std::int64_t>(grid.tiles.size() - tiles.size());
  if (background > 0) series.tiles[std::string(to_string(DropReason::kBackground))] = background;
  run.saw_tiles(background);
  return tiles;
}

/// One slide, from its file to its rows in the store.
Result<SlideOutcome> index_slide(const SlideInput& input, const SlideOpener& open,
                                 const std::vector<std::string>& pipeline_ids, IndexRun& run) {
  CLIPPATH_TRY(const PreparedSlide slide,
               prepare_slide(input, run.options(), encoder_px_of(run.encoder()), open));
  SlideRecord record = describe_slide(input, slide, run.encoder().info().id);
  for (std::size_t i = 0; i < pipeline_ids.size(); ++i) {
    record.series[i].pipeline_id = pipeline_ids[i];
  }
  run.expect_tiles(grid_tiles(slide));

  CLIPPATH_TRY(const SlideIdentity identity, identify_slide(run, input.id, input.path));
  if (!run.options().retry_all && is_complete(identity, record.series, record.encoder)) {
    run.saw_tiles(grid_tiles(slide));
    CLIPPATH_TRY(record.fingerprint, finish_fingerprint(identity, input.path));
    const std::vector<SeriesRecord> wanted = record.series;
    CLIPPATH_TRY_VOID(refresh_slide(run, *identity.stored, std::move(record)));
    SlideOutcome outcome = unchanged_outcome(*identity.stored, wanted);
    if (grid_tiles(slide) == 0) outcome.reason = too_small(slide);
    return outcome;
  }

  CLIPPATH_TRY(auto writer, run.from_store(run.records().write_slide(input.id, record.encoder)));
  std::optional<Error> first_read_error;
  if (grid_tiles(slide) > 0) {
    CLIPPATH_TRY(const TissueMask mask,
                 make_tissue_mask(*slide.reader, slide.scale, run.options().tissue));
    Conveyor conveyor(run, *writer);
    for (std::size_t i = 0; i < slide.grids.size(); ++i) {
      SeriesRecord& series = record.series[i];
      CLIPPATH_TRY_VOID(conveyor.add_series(
          series, find_tissue(slide, input.id, slide.grids[i], mask, run, series)));
    }
    CLIPPATH_TRY_VOID(conveyor.finish());
    first_read_error = conveyor.first_read_error();
  }

  CLIPPATH_TRY(SlideOutcome outcome, new_outcome(record, first_read_error));
  if (grid_tiles(slide) == 0) outcome.reason = too_small(slide);
  CLIPPATH_TRY(record.fingerprint, finish_fingerprint(identity, input.path));
  record.partial = first_read_error.has_value() || kept_series_partial(identity, record);
  empty_stale_series(identity, record);
  CLIPPATH_TRY_VOID(complete_slide(run, *writer, std::move(record)));
  return outcome;
}

}  // namespace

Result<IndexSummary> index_slides(const std::vector<SlideInput>& slides,
                                  const IndexOptions& options, const Encoder& encoder,
                                  const SlideOpener& open, DataFolder& folder,
                                  const ProgressSink& progress, const std::atomic<bool>& stop) {
  CLIPPATH_TRY(const auto pipeline_ids, note_pipelines(options, folder));
  IndexRun run(options, encoder, folder, progress, stop);
  return run.run(slides.size(), [&](std::size_t i) {
    return finish_outcome(run, slides[i].id, index_slide(slides[i], open, pipeline_ids, run));
  });
}

}  // namespace clippath
