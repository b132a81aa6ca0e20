// SPDX-License-Identifier: Apache-2.0
#include "clippath/verify_patch.h"

#include <algorithm>
#include <span>

#include "indexer/pipeline/attention_step.h"
#include "indexer/pipeline/prepare_slide.h"
#include "indexer/pipeline/read_tile.h"
#include "indexer/pipeline/slide_identity.h"
#include "indexer/pipeline/stain_step.h"

namespace clippath {
namespace {

/// A stored patch with all that made it.
struct StoredPatch {
  PatchRecord record;
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
  const SeriesRecord* series = series_of(*slide, row->record);
  if (series == nullptr) return fail(ErrorKind::kCorruption, "its slide has no series of its size");
  const auto pipeline = folder.find_pipeline(series->pipeline_id);
  if (!pipeline) {
    return fail(ErrorKind::kCorruption,
                "the data folder does not know the pipeline '" + series->pipeline_id + "'");
  }
  return StoredPatch{std::move(row->record), *slide, *series, *pipeline};
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

Result<TilePicture> read_from_slide(const StoredPatch& stored, int encoder_px,
                                    const SlideOpener& open) {
  const SlideRecord& slide = stored.slide;
  const PatchRecord& patch = stored.record;
  // Imported vectors come without a picture, so without its hash.
  if (slide.path.empty() || !patch.rect || patch.picture_hash == 0) {
    return fail(ErrorKind::kFailedPrecondition,
                "was imported, so there are no steps to repeat; index its slide from the file: "
                "clippath index SLIDE --data DATA --replace --no-resume");
  }
  CLIPPATH_TRY_VOID(check_slide_file(slide));
  CLIPPATH_TRY(const auto reader, open(slide.path));
  const TissueRule rule = tissue_rule_of(stored.pipeline);
  CLIPPATH_TRY(const TissueMask mask, make_tissue_mask(*reader, slide.scale, rule));
  TileGrid grid;
  grid.level0_extent = patch.rect->width;
  grid.level0_height = patch.rect->height;
  grid.extent_um = patch.extent_um;
  grid.read = plan_patch_read(reader->info(), {patch.rect->width, patch.rect->height}, encoder_px);
  grid.read.picture_px = stored.pipeline.picture_px;
  const TileRef tile{0, {patch.rect->x, patch.rect->y}};
  return read_tile(*reader, slide.id, grid, tile, mask.tissue_fraction(*patch.rect), rule, {});
}

TilePicture read_from_file(const StoredPatch& stored, const PictureDecoder& decode) {
  PatchInput input;
  input.file = stored.record.image_path;
  input.id = stored.record.id;
  return read_ready_patch(input, tissue_rule_of(stored.pipeline), stored.pipeline.picture_px,
                          decode);
}

/// Those of the slide, in its order: how its tiles were read depends on all of them.
Result<EncoderList> encoders_of(const SlideRecord& slide, const EncoderList& known) {
  EncoderList encoders;
  for (const EncoderId& id : slide.encoders) {
    const auto found = std::ranges::find_if(
        known, [&id](const Encoder* encoder) { return encoder->info().id == id; });
    if (found == known.end()) {
      return fail({ErrorKind::kFailedPrecondition,
                   "it has a vector of the encoder " + id.value + ", which is not at hand", "", "",
                   "encoder_mismatch"});
    }
    encoders.push_back(*found);
  }
  return encoders;
}

/// Cosine of the stored vector and the one made again, for each encoder.
Result<std::vector<VectorCheck>> compare_vectors(const Records& records, const PatchId& id,
                                                 const EncoderList& encoders,
                                                 const std::vector<RgbImage>& inputs) {
  std::vector<VectorCheck> checks;
  for (std::size_t i = 0; i < encoders.size(); ++i) {
    const EncoderId& encoder = encoders[i]->info().id;
    CLIPPATH_TRY(const EmbeddingMatrix now, encoders[i]->encode_images(std::span(&inputs[i], 1)));
    CLIPPATH_TRY(std::optional<PatchRow> row, records.find_patch(id, encoder));
    if (!row) return fail(ErrorKind::kUnavailable, "was written meanwhile; try again");
    normalize(row->vector);  // half precision leaves a length a little off 1
    checks.push_back({encoder, dot(row->vector, now.row(0))});
  }
  return checks;
}

/// The score that the patch has by the rule of its pipeline.
Result<double> score_again(const StoredPatch& stored, const RgbImage& picture,
                           const AttentionNetwork& network) {
  const auto& rule = stored.pipeline.attention;
  const auto& scores = stored.series.attention;
  if (!rule || !scores) {
    return fail(ErrorKind::kCorruption, "has a score, and its series no attention rule");
  }
  if (rule->network != network.id() || rule->layers != network.layers()) {
    return fail({ErrorKind::kFailedPrecondition,
                 "was scored by another network or other layers; give the --attention-model and "
                 "--attention-layers that it was indexed with",
                 "attention_model"});
  }
  CLIPPATH_TRY(const std::vector<double> values, look_at(picture, network, *rule));
  return attention_score(values, rule->mode, scores->threshold);
}

Result<PatchCheck> repeat_steps(const Records& records, const StoredPatch& stored,
                                const EncoderList& known, const SlideOpener& open,
                                const PictureDecoder& decode, const AttentionNetwork* network) {
  CLIPPATH_TRY(const EncoderList encoders, encoders_of(stored.slide, known));
  const PatchRecord& before = stored.record;
  const bool ready_made = !before.image_path.empty();
  TilePicture tile;
  if (ready_made) {
    tile = read_from_file(stored, decode);
  } else {
    CLIPPATH_TRY(tile, read_from_slide(stored, encoder_px_of(encoders), open));
  }
  if (tile.outcome.error) return fail(*tile.outcome.error);
  if (tile.outcome.dropped) {
    return fail(ErrorKind::kFailedPrecondition,
                "'" + stored.slide.path + "' no longer gives it: its tile would be dropped (" +
                    std::string(to_string(*tile.outcome.dropped)) + "); index the slide again");
  }

  const StainStep stain(stored.pipeline.stain, stored.series.stain);
  tile = stain(std::move(tile));

  PatchCheck check;
  check.attention.stored = before.attention;
  if (before.attention && network != nullptr) {
    CLIPPATH_TRY(check.attention.now, score_again(stored, tile.picture, *network));
  }
  const TileOutcome now = fit_to_encoders(std::move(tile), encoders);
  CLIPPATH_TRY(check.vectors, compare_vectors(records, before.id, encoders, now.encoder_inputs));
  check.source = ready_made ? before.image_path : stored.slide.path;
  check.pipeline_id = stored.series.pipeline_id;
  check.picture_hash = {before.picture_hash, now.patch.picture_hash};
  check.tissue_fraction = {before.tissue_fraction, now.patch.tissue_fraction};
  check.white_fraction = {before.white_fraction, now.patch.white_fraction};
  check.keeps_stain = {before.keeps_stain, now.patch.keeps_stain};
  return check;
}

}  // namespace

Result<PatchCheck> verify_patch(const DataFolder& folder, const PatchId& id,
                                const EncoderList& encoders, const SlideOpener& open,
                                const PictureDecoder& decode, const AttentionNetwork* network) {
  CLIPPATH_TRY(const StoredPatch stored, find_stored_patch(folder, id));
  auto check = repeat_steps(folder.records(), stored, encoders, open, decode, network);
  if (!check) return fail(check.error().within("patch '" + id.value + "'"));
  return check;
}

}  // namespace clippath
