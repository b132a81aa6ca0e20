// SPDX-License-Identifier: Apache-2.0
#include "clippath/verify_patch.h"

#include <algorithm>
#include <span>

#include "indexer/pipeline/prepare_slide.h"
#include "indexer/pipeline/read_tile.h"
#include "indexer/pipeline/slide_identity.h"
#include "indexer/pipeline/stain_step.h"

namespace clippath {
namespace {

/// A stored patch with all that made it.
struct StoredPatch {
  PatchRow row;
  SlideRecord slide;
  SeriesRecord series;
  PipelineDocument pipeline;
};

Result<StoredPatch> find_stored_patch(const DataFolder& folder, const PatchId& id) {
  CLIPPATH_TRY(std::optional<PatchRow> row, folder.records().find_patch(id));
  if (!row) return fail({ErrorKind::kNotFound, "no patch '" + id.value + "'", "id"});
  const SlideId slide_id = slide_of(id);
  CLIPPATH_TRY(std::optional<SlideRecord> slide, folder.records().find_slide(slide_id));
  if (!slide) {
    return fail(ErrorKind::kCorruption, "slide '" + slide_id.value + "' of the patch is missing");
  }
  const std::int64_t extent = row->record.rect ? row->record.rect->width : 0;
  const auto series = std::ranges::find(slide->series, extent, &SeriesRecord::level0_extent);
  if (series == slide->series.end()) {
    return fail(ErrorKind::kCorruption,
                "its slide has no series of " + std::to_string(extent) + " level-0 px");
  }
  const auto pipeline = folder.find_pipeline(series->pipeline_id);
  if (!pipeline) {
    return fail(ErrorKind::kCorruption,
                "the data folder does not know the pipeline '" + series->pipeline_id + "'");
  }
  return StoredPatch{std::move(*row), *slide, *series, *pipeline};
}

TissueRule tissue_rule_of(const PipelineDocument& pipeline) {
  TissueRule rule;
  if (const auto preset = parse_tissue_preset(pipeline.tissue)) rule.preset = *preset;
  rule.white_threshold = pipeline.white_threshold;
  rule.min_tissue = pipeline.min_tissue;
  rule.max_white = 1;  // what is stored passed the filter: nothing is dropped here
  return rule;
}

Result<void> check_slide_file(const SlideRecord& slide) {
  auto same = holds_same_bytes(slide.path, slide.fingerprint);
  if (!same) return fail(same.error());
  if (*same) return {};
  return fail(ErrorKind::kFailedPrecondition,
              "'" + slide.path + "' has other bytes than when it was indexed; index it again");
}

Result<TilePicture> read_from_slide(const StoredPatch& stored, const Encoder& encoder,
                                    const SlideOpener& open) {
  const SlideRecord& slide = stored.slide;
  const PatchRecord& patch = stored.row.record;
  if (slide.path.empty() || !patch.rect) {
    return fail(ErrorKind::kFailedPrecondition,
                "has neither a place on a slide nor a picture file to be read again");
  }
  CLIPPATH_TRY_VOID(check_slide_file(slide));
  CLIPPATH_TRY(const auto reader, open(slide.path));
  const TissueRule rule = tissue_rule_of(stored.pipeline);
  CLIPPATH_TRY(const TissueMask mask, make_tissue_mask(*reader, slide.scale, rule));
  const PatchRead read = plan_patch_read(reader->info(), patch.rect->width, encoder_px_of(encoder));
  TileGrid grid;
  grid.level0_extent = patch.rect->width;
  grid.extent_um = patch.extent_um;
  grid.level = read.level;
  grid.read_px = read.read_px;
  const TileRef tile{0, {patch.rect->x, patch.rect->y}};
  return read_tile(*reader, slide.id, grid, tile, mask.tissue_fraction(*patch.rect), rule, {});
}

TilePicture read_from_file(const StoredPatch& stored, const PictureDecoder& decode) {
  PatchInput input;
  input.file = stored.row.record.image_path;
  input.id = stored.row.record.id;
  return read_ready_patch(input, tissue_rule_of(stored.pipeline), decode);
}

Result<PatchCheck> repeat_steps(const StoredPatch& stored, const Encoder& encoder,
                                const SlideOpener& open, const PictureDecoder& decode) {
  if (stored.slide.encoder != encoder.info().id) {
    return fail({ErrorKind::kFailedPrecondition,
                 "its vector was made by the encoder " + stored.slide.encoder.value + ", not by " +
                     encoder.info().id.value,
                 "", "", "encoder_mismatch"});
  }
  const PatchRecord& before = stored.row.record;
  const bool ready_made = !before.image_path.empty();
  TilePicture tile;
  if (ready_made) {
    tile = read_from_file(stored, decode);
  } else {
    CLIPPATH_TRY(tile, read_from_slide(stored, encoder, open));
  }
  if (tile.outcome.error) return fail(*tile.outcome.error);

  const StainStep stain(stored.pipeline.stain, stored.series.stain);
  const TileOutcome now = fit_to_encoder(stain(std::move(tile)), encoder);
  CLIPPATH_TRY(const EmbeddingMatrix vector,
               encoder.encode_images(std::span(&now.encoder_input, 1)));
  Embedding stored_vector = stored.row.vector;
  normalize(stored_vector);  // half precision leaves a length a little off 1

  PatchCheck check;
  check.source = ready_made ? before.image_path : stored.slide.path;
  check.pipeline_id = stored.series.pipeline_id;
  check.picture_hash = {before.picture_hash, now.patch.picture_hash};
  check.tissue_fraction = {before.tissue_fraction, now.patch.tissue_fraction};
  check.white_fraction = {before.white_fraction, now.patch.white_fraction};
  check.keeps_stain = {before.keeps_stain, now.patch.keeps_stain};
  check.cosine = dot(stored_vector, vector.row(0));
  return check;
}

}  // namespace

Result<PatchCheck> verify_patch(const DataFolder& folder, const PatchId& id, const Encoder& encoder,
                                const SlideOpener& open, const PictureDecoder& decode) {
  CLIPPATH_TRY(const StoredPatch stored, find_stored_patch(folder, id));
  auto check = repeat_steps(stored, encoder, open, decode);
  if (!check) return fail(check.error().within("patch '" + id.value + "'"));
  return check;
}

}  // namespace clippath
