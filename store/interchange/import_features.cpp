// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <ctime>

#include "clippath/core/tcga_barcode.h"
#include "clippath/feature_file.h"
#include "clippath/interchange.h"
#include "indexer/stain/profile_json.h"

namespace clippath {
namespace {

// Coordinates of a level-0 frame that any scanner stays under.
constexpr std::int64_t kMostCoordinate = std::int64_t{1} << 31U;
constexpr std::size_t kRowsAtOnce = 256;
// Two scales of one slide that differ by more are two scales.
constexpr double kSameScale = 0.02;
constexpr float kUnitTolerance = 0.002F;  // of the square of a length, in half precision

std::string text_of(const FeatureFile& file, std::string_view name) {
  const auto* text = file.find<std::string>(name);
  return text == nullptr ? std::string() : *text;
}

Error refused(const std::string& message, const std::string& code = {}) {
  return {ErrorKind::kFailedPrecondition, message, "", "", code};
}

Result<void> check_encoder(const FeatureFile& file, const EncoderEntry& encoder, bool trusted) {
  const std::string made_by = text_of(file, "model_sha256");
  if (made_by.empty() && !trusted) {
    return fail(
        refused("does not say which model made its features (attribute model_sha256); if it was '" +
                    encoder.name + "', say so with --trust-features",
                "encoder_mismatch"));
  }
  if (!made_by.empty() && made_by != encoder.id.value) {
    return fail(refused("its features were made by the model " + made_by + ", not by " +
                            encoder.id.value + " (" + encoder.name + ")",
                        "encoder_mismatch"));
  }
  if (file.features.dimension != encoder.dimension) {
    return fail({ErrorKind::kInvalidArgument,
                 "features: has " + std::to_string(file.features.dimension) + " columns, '" +
                     encoder.name + "' makes " + std::to_string(encoder.dimension),
                 "features"});
  }
  return {};
}

Result<SlideId> slide_of(const FeatureFile& file, const std::filesystem::path& path) {
  const std::string name = text_of(file, "name");
  SlideId id(escape_id(name.empty() ? path.stem().string() : name));
  if (id.empty() || id.value.size() > kMaxIdBytes) {
    return fail(
        {ErrorKind::kInvalidArgument,
         "name: '" + id.value + "' must be 1.." + std::to_string(kMaxIdBytes) + " bytes as an id",
         "name"});
  }
  return id;
}

/// Side of the patches in level-0 pixels: as TRIDENT states it, as CLAM does, or as the user says.
Result<std::int64_t> extent_of(const FeatureFile& file, const ImportOptions& options) {
  std::optional<double> extent = file.number("patch_size_level0");
  if (!extent) {
    const std::optional<double> downsample = file.number("downsample");
    const std::optional<double> size = file.number("patch_size");
    if (size && downsample) {
      extent = *size * *downsample * file.number("custom_downsample").value_or(1);
    }
  }
  if (!extent && options.level0_extent) extent = static_cast<double>(*options.level0_extent);
  if (!extent) {
    return fail({ErrorKind::kInvalidArgument,
                 "does not say how large its patches are; give their side in level-0 pixels with "
                 "--level0-px",
                 "patch_size_level0"});
  }
  if (!(*extent >= 1 && *extent <= static_cast<double>(kMostCoordinate))) {
    return fail({ErrorKind::kInvalidArgument,
                 "patch_size_level0: must be in 1.." + std::to_string(kMostCoordinate),
                 "patch_size_level0"});
  }
  return static_cast<std::int64_t>(std::llround(*extent));
}

MppSource source_of(const FeatureFile& file) {
  const std::string name = text_of(file, "mpp_source");
  for (const MppSource source : {MppSource::kManifest, MppSource::kSlideTag, MppSource::kVendorTag,
                                 MppSource::kTiffResolution, MppSource::kObjective}) {
    if (to_string(source) == name) return source;
  }
  return MppSource::kAssumed;
}

/// The policy of slides: what the user says, what the file says, the magnification.
Result<std::optional<SlideScale>> scale_of(const FeatureFile& file, const ImportOptions& options) {
  std::optional<SlideScale> scale;
  if (options.mpp) {
    scale = SlideScale{*options.mpp, MppSource::kManifest};
  } else if (const auto mpp = file.number("mpp")) {
    scale = SlideScale{{*mpp}, source_of(file)};
  } else if (const auto power = file.number("level0_magnification"); power && *power > 0) {
    scale = SlideScale{{10 / *power}, MppSource::kObjective};
  }
  if (scale && !(scale->mpp.value >= 0.05 && scale->mpp.value <= 20)) {
    return fail(
        {ErrorKind::kInvalidArgument,
         "mpp: must be in 0.05..20 micrometres a pixel, is " + std::to_string(scale->mpp.value),
         "mpp", "0.05..20"});
  }
  return scale;
}

PixelSize size_of(const FeatureFile& file) {
  const auto* width = file.find<std::int64_t>("level0_width");
  const auto* height = file.find<std::int64_t>("level0_height");
  if (width != nullptr && height != nullptr && *width > 0 && *height > 0) return {*width, *height};
  // CLAM's level 0 where the patches were read from it.
  const auto* level = file.find<std::array<std::int64_t, 2>>("level_dim");
  const auto* patch_level = file.find<std::int64_t>("patch_level");
  const bool finest = level != nullptr && patch_level != nullptr && *patch_level == 0;
  if (finest && (*level)[0] > 0 && (*level)[1] > 0) return {(*level)[0], (*level)[1]};
  return {};
}

/// A slide that was not stored before, as the file describes it.
SlideRecord new_slide(const FeatureFile& file, const SlideId& id) {
  SlideRecord slide;
  slide.id = id;
  slide.case_id = CaseId(escape_id(text_of(file, "case_id")));
  if (slide.case_id.empty() || slide.case_id.value.size() > kMaxIdBytes) {
    slide.case_id = default_case(id.value, id.value);
  }
  slide.fingerprint.sha256 = text_of(file, "slide_sha256");
  slide.size = size_of(file);
  slide.caption = text_of(file, "caption");
  return slide;
}

/// A magnification is nominal: scanners of one objective differ in scale.
bool same_scale(const SlideScale& given, const SlideScale& stored) {
  const double ratio = given.mpp.value / stored.mpp.value;
  const bool nominal =
      given.source == MppSource::kObjective || stored.source == MppSource::kObjective;
  if (nominal) return std::abs(std::log2(ratio)) <= kNominalOctaves;
  return std::abs(ratio - 1) <= kSameScale;
}

/// Whether a file may add to a stored slide.
Result<void> check_stored(const SlideRecord& stored, const FeatureFile& file,
                          const std::optional<SlideScale>& scale, std::int64_t extent,
                          bool replace) {
  const std::string sha256 = text_of(file, "slide_sha256");
  if (!sha256.empty() && !stored.fingerprint.sha256.empty() &&
      sha256 != stored.fingerprint.sha256) {
    return fail(refused("slide '" + stored.id.value +
                        "' is stored from other bytes than those that its features are of"));
  }
  if (scale && stored.scale && !same_scale(*scale, *stored.scale)) {
    const std::string is = std::to_string(stored.scale->mpp.value);
    return fail(refused("slide '" + stored.id.value + "' is stored with " + is +
                        " micrometres a pixel, the file has " + std::to_string(scale->mpp.value) +
                        "; if its patches are of the stored scale, say so with --mpp " + is));
  }
  const bool taken = std::ranges::any_of(stored.series, [extent](const SeriesRecord& series) {
    return series.level0_extent == extent && series.count > 0;
  });
  if (taken && !replace) {
    return fail(refused("slide '" + stored.id.value + "' has patches of " + std::to_string(extent) +
                        " px already; --replace takes those of the file instead"));
  }
  return {};
}

/// A patch may cross the right and lower edge, as some programs cut them, but begins on the slide.
Result<void> check_places(const std::vector<Level0Point>& coords, PixelSize size) {
  const std::int64_t right = size.width > 0 ? size.width : kMostCoordinate;
  const std::int64_t bottom = size.height > 0 ? size.height : kMostCoordinate;
  for (std::size_t row = 0; row < coords.size(); ++row) {
    const Level0Point& place = coords[row];
    if (place.x >= 0 && place.x < right && place.y >= 0 && place.y < bottom) continue;
    return fail({ErrorKind::kInvalidArgument,
                 "coords: row " + std::to_string(row) + " (" + std::to_string(place.x) + ", " +
                     std::to_string(place.y) + ") begins outside of the slide, " +
                     std::to_string(right) + " x " + std::to_string(bottom) + " px",
                 "coords"});
  }
  return {};
}

/// Those that are unit vectors to half precision stay as they are: an export comes back unchanged.
Result<void> make_unit_vectors(EmbeddingMatrix& features) {
  for (std::size_t row = 0; row < features.rows; ++row) {
    const std::span<float> vector = features.row(row);
    if (std::abs(dot(vector, vector) - 1) < kUnitTolerance || normalize(vector)) continue;
    return fail({ErrorKind::kInvalidArgument,
                 "features: row " + std::to_string(row) + " is zero or not finite", "features"});
  }
  return {};
}

/// What is known of how the patches were made; of a foreign file, nothing.
Result<PipelineDocument> pipeline_of(const FeatureFile& file) {
  const std::string text = text_of(file, "pipeline");
  if (!text.empty()) return PipelineDocument::parse(text);
  PipelineDocument pipeline;
  pipeline.field_of_view = "imported features";
  pipeline.resample = "unknown";
  pipeline.tissue = "unknown";
  return pipeline;
}

/// The slide's own stains, which only a pipeline with stain scope slide has.
Result<std::optional<StainProfile>> stain_of(const FeatureFile& file,
                                             const PipelineDocument& pipeline) {
  const std::string text = text_of(file, "stain");
  if (text.empty() || !pipeline.stain || pipeline.stain->scope != StainScope::kSlide) {
    return std::nullopt;
  }
  const auto json = parse_json(text);
  if (!json) return fail(json.error().within("stain"));
  const auto profile = stain_profile_from_json(*json);
  if (!profile) return fail(profile.error().within("stain"));
  const StainMethod method = pipeline.stain->target.method;
  if (profile->method == method) return *profile;
  return fail({ErrorKind::kInvalidArgument,
               "stain: is a profile of " + std::string(to_string(profile->method)) +
                   ", its pipeline's rule is " + std::string(to_string(method)),
               "stain"});
}

SeriesRecord describe_series(const FeatureFile& file, std::int64_t extent,
                             const std::optional<SlideScale>& scale,
                             const PipelineDocument& pipeline) {
  SeriesRecord series;
  series.level0_extent = extent;
  if (scale) series.extent_um = static_cast<double>(extent) * scale->mpp.value;
  series.pipeline_id = pipeline.id();
  const auto count = static_cast<std::int64_t>(file.coords.size());
  series.tiles = {{"grid", count}, {"kept", count}};
  return series;
}

Result<void> append_patches(const FeatureFile& file, const SlideId& slide,
                            const SeriesRecord& series, SlideWriter& writer) {
  const std::int64_t extent = series.level0_extent;
  std::vector<EncodedPatch> rows;
  for (std::size_t i = 0; i < file.coords.size(); ++i) {
    EncodedPatch row;
    row.record.id = make_patch_id(slide, file.coords[i], extent);
    row.record.rect = Level0Rect{file.coords[i].x, file.coords[i].y, extent, extent};
    row.record.extent_um = series.extent_um;
    const auto vector = file.features.row(i);
    row.vectors.emplace_back(vector.begin(), vector.end());
    rows.push_back(std::move(row));
    if (rows.size() == kRowsAtOnce || i + 1 == file.coords.size()) {
      CLIPPATH_TRY_VOID(writer.append(extent, std::exchange(rows, {})));
    }
  }
  return {};
}

Result<ImportedSeries> import_file(FeatureFile file, const std::filesystem::path& path,
                                   const EncoderEntry& encoder, const ImportOptions& options,
                                   DataFolder& data) {
  CLIPPATH_TRY_VOID(check_encoder(file, encoder, options.trust_features));
  CLIPPATH_TRY(const SlideId id, slide_of(file, path));
  CLIPPATH_TRY(const std::int64_t extent, extent_of(file, options));
  CLIPPATH_TRY(const std::optional<SlideScale> scale, scale_of(file, options));
  CLIPPATH_TRY(const std::optional<SlideRecord> stored, data.records().find_slide(id));
  SlideRecord slide = stored ? *stored : new_slide(file, id);
  if (stored) {
    CLIPPATH_TRY_VOID(check_stored(*stored, file, scale, extent, options.replace));
  }
  if (!slide.scale) slide.scale = scale;
  CLIPPATH_TRY_VOID(check_places(file.coords, slide.size));
  CLIPPATH_TRY_VOID(make_unit_vectors(file.features));
  CLIPPATH_TRY(const PipelineDocument pipeline, pipeline_of(file));
  CLIPPATH_TRY(const std::optional<StainProfile> stain, stain_of(file, pipeline));
  CLIPPATH_TRY_VOID(data.note_pipeline(pipeline));

  slide.encoders = {encoder.id};
  slide.indexed_at = std::time(nullptr);
  slide.series = {describe_series(file, extent, slide.scale, pipeline)};
  slide.series.front().stain = stain;
  CLIPPATH_TRY(const auto writer, data.records().write_slide(id, {encoder.id}));
  CLIPPATH_TRY_VOID(append_patches(file, id, slide.series.front(), *writer));
  CLIPPATH_TRY_VOID(writer->complete(std::move(slide)));
  return ImportedSeries{id, extent, file.coords.size()};
}

}  // namespace

Result<ImportedSeries> import_features(const std::filesystem::path& file, const FeatureReader& read,
                                       const EncoderEntry& encoder, const ImportOptions& options,
                                       DataFolder& data) {
  CLIPPATH_TRY(FeatureFile content, read(file));
  auto series = import_file(std::move(content), file, encoder, options, data);
  if (!series) return fail(series.error().within(file.string()));
  return series;
}

}  // namespace clippath
