// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <ctime>
#include <tuple>
#include <utility>

#include "clippath/core/digest.h"
#include "clippath/core/files.h"
#include "clippath/pipeline.h"
#include "indexer/pipeline/conveyor.h"
#include "indexer/pipeline/index_run.h"
#include "indexer/pipeline/outcome.h"
#include "indexer/pipeline/prepare_slide.h"
#include "indexer/pipeline/read_tile.h"
#include "indexer/pipeline/slide_identity.h"

namespace clippath {
namespace {

PipelineDocument describe_pipeline(const IndexOptions& options, int picture_px) {
  PipelineDocument pipeline;
  pipeline.field_of_view = "ready-made patches";
  pipeline.picture_px = picture_px;
  pipeline.tissue = "none";
  pipeline.white_threshold = options.tissue.white_threshold;
  pipeline.stain = options.stain;
  pipeline.attention = options.attention;
  return pipeline;
}

/// The patches of one field of view, in the order of the table.
struct PatchSeries {
  SeriesRecord record;
  std::vector<const PatchInput*> patches;
};

std::vector<PatchSeries> group_by_extent(const PatchTableSlide& slide,
                                         const std::string& pipeline_id) {
  std::map<std::int64_t, PatchSeries> by_extent;
  for (const PatchInput& patch : slide.patches) {
    PatchSeries& series = by_extent[patch.rect ? patch.rect->width : 0];
    series.record.level0_extent = patch.rect ? patch.rect->width : 0;
    series.record.extent_um = patch.extent_um;
    series.record.pipeline_id = pipeline_id;
    ++series.record.tiles["grid"];
    series.patches.push_back(&patch);
  }
  std::vector<PatchSeries> all;
  for (auto& [extent, series] : by_extent) all.push_back(std::move(series));
  return all;
}

void digest_text(std::string_view text, Sha256& digest) {
  digest.update(std::to_string(text.size()) + ":");
  digest.update(text);
}

/// A fingerprint over rows and pictures, so that a second run finds out what changed. Sizes and
/// times of hundreds of small files would say less, and change with every copy.
FileFingerprint fingerprint_of(const PatchTableSlide& slide) {
  Sha256 digest;
  FileFingerprint fingerprint;
  for (const PatchInput& patch : slide.patches) {
    digest_text(patch.id.value, digest);
    digest_text(std::to_string(patch.extent_um), digest);
    digest_text(patch.caption, digest);
    for (const auto& [name, value] : patch.fields) {
      digest_text(name, digest);
      digest_text(to_text(value), digest);
    }
    // A picture that cannot be read is found, and reported, when its turn comes.
    const auto picture = sha256_file(patch.file);
    digest_text(picture ? to_hex(*picture) : "unreadable", digest);
  }
  fingerprint.sha256 = to_hex(digest.finish());
  return fingerprint;
}

/// True if every stored patch still has its row and its picture. Rows without one do not count:
/// their pictures could not be read, or were dropped.
Result<bool> holds_stored_patches(const PatchTableSlide& slide, const SlideRecord& stored,
                                  const PictureDecoder& decode, IndexRun& run) {
  const auto said = [](const PatchRecord& patch) {
    return std::tie(patch.extent_um, patch.caption, patch.fields, patch.picture_hash);
  };
  std::uint64_t found = 0;
  for (const PatchInput& patch : slide.patches) {
    if (run.stopping()) return false;
    CLIPPATH_TRY(const auto row, run.from_store(run.records().find_patch(patch.id)));
    if (!row) continue;
    const TilePicture now =
        read_ready_patch(patch, run.options().tissue, picture_px_of(run.encoders()), decode);
    if (now.outcome.error) return fail(*now.outcome.error);
    if (said(now.outcome.patch) != said(row->record)) return false;
    ++found;
  }
  std::uint64_t all = 0;
  for (const SeriesRecord& series : stored.series) all += series.count;
  return found == all;
}

/// Whether this run mends a slide of a table, of which some pictures could not be read.
bool is_mended(const SlideRecord& stored, const IndexOptions& options) {
  return stored.partial && stored.path.empty() && (options.retry_failed || options.retry_all);
}

Result<SlideIdentity> identify_table_slide(const PatchTableSlide& slide,
                                           const PictureDecoder& decode, IndexRun& run) {
  SlideIdentity identity;
  identity.fingerprint = fingerprint_of(slide);
  CLIPPATH_TRY(identity.stored, run.from_store(run.records().find_slide(slide.id)));
  if (!identity.stored) return identity;
  identity.same_file = identity.stored->fingerprint.sha256 == identity.fingerprint.sha256;
  if (!identity.same_file && is_mended(*identity.stored, run.options())) {
    CLIPPATH_TRY(identity.same_file, holds_stored_patches(slide, *identity.stored, decode, run));
  }
  if (!identity.same_file && !run.options().replace) {
    Error refused = refused_slide(*identity.stored, "the table of patches");
    if (identity.stored->partial)
      refused.message += "; --retry-failed, where pictures were missing";
    return fail(std::move(refused));
  }
  return identity;
}

Result<void> check_scale(const PatchTableSlide& slide) {
  const bool has_places =
      std::any_of(slide.patches.begin(), slide.patches.end(),
                  [](const PatchInput& patch) { return patch.rect.has_value(); });
  if (slide.scale || !has_places) return {};
  return fail(missing_scale({}));
}

SlideRecord describe_slide(const PatchTableSlide& slide, const FileFingerprint& fingerprint,
                           std::vector<EncoderId> encoders) {
  SlideRecord record;
  record.id = slide.id;
  record.case_id = slide.case_id;
  record.fingerprint = fingerprint;
  record.scale = slide.scale;
  record.caption = slide.caption;
  record.fields = slide.fields;
  record.encoders = std::move(encoders);
  record.indexed_at = std::time(nullptr);
  return record;
}

std::vector<SeriesRecord> records_of(const std::vector<PatchSeries>& series) {
  std::vector<SeriesRecord> records;
  for (const PatchSeries& one : series) records.push_back(one.record);
  return records;
}

SeriesTiles tiles_of(const PatchSeries& series, const IndexRun& run, const PictureDecoder& decode) {
  const int picture_px = picture_px_of(run.encoders());
  return {series.patches.size(),
          [&series, &rule = run.options().tissue, picture_px, &decode](std::size_t i) {
            return read_ready_patch(*series.patches[i], rule, picture_px, decode);
          }};
}

Result<SlideOutcome> index_table_slide(const PatchTableSlide& slide, const std::string& pipeline_id,
                                       const PictureDecoder& decode, IndexRun& run) {
  CLIPPATH_TRY_VOID(check_scale(slide));
  const auto count = static_cast<std::int64_t>(slide.patches.size());
  run.expect_tiles(count);
  std::vector<PatchSeries> series = group_by_extent(slide, pipeline_id);
  CLIPPATH_TRY(const SlideIdentity identity, identify_table_slide(slide, decode, run));
  SlideRecord record = describe_slide(slide, identity.fingerprint, ids_of(run.encoders()));
  if (is_complete(identity, record, records_of(series))) {
    SlideOutcome outcome = unchanged_outcome(*identity.stored, records_of(series));
    if (leaves_stored(run.options(), outcome)) {
      run.saw_tiles(count);
      CLIPPATH_TRY_VOID(refresh_slide(run, *identity.stored, std::move(record)));
      return outcome;
    }
  }

  CLIPPATH_TRY(auto writer, run.from_store(run.records().write_slide(slide.id, record.encoders)));
  Conveyor conveyor(run, *writer);
  for (PatchSeries& one : series) {
    CLIPPATH_TRY_VOID(conveyor.add_series(one.record, tiles_of(one, run, decode)));
  }
  CLIPPATH_TRY_VOID(conveyor.finish());

  record.series = records_of(series);
  CLIPPATH_TRY(SlideOutcome outcome, new_outcome(record, conveyor.first_read_error()));
  record.partial = conveyor.first_read_error().has_value() || kept_series_partial(identity, record);
  empty_stale_series(identity, record);
  CLIPPATH_TRY_VOID(complete_slide(run, *writer, std::move(record)));
  return outcome;
}

}  // namespace

Result<IndexSummary> index_patch_table(const std::vector<PatchTableSlide>& slides,
                                       const IndexOptions& options, const EncoderList& encoders,
                                       const PictureDecoder& decode, DataFolder& folder,
                                       const ProgressSink& progress,
                                       const std::atomic<bool>& stop) {
  const PipelineDocument pipeline = describe_pipeline(options, picture_px_of(encoders));
  CLIPPATH_TRY_VOID(folder.note_pipeline(pipeline));
  IndexRun run(options, encoders, folder, progress, stop);
  return run.run(slides.size(), [&](std::size_t i) {
    return finish_outcome(run, slides[i].id,
                          index_table_slide(slides[i], pipeline.id(), decode, run));
  });
}

}  // namespace clippath
