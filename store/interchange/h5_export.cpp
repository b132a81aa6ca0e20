// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <optional>

#include "clippath/feature_file.h"
#include "clippath/stain.h"
#include "store/interchange/exporter.h"

namespace clippath {
namespace {

namespace fs = std::filesystem;
using Attributes = std::vector<std::pair<std::string, FeatureAttribute>>;

FeatureFile places_of(const ExportedSeries& series, Attributes attributes) {
  FeatureFile file;
  for (const PatchRow& row : series.rows) {
    file.coords.push_back({row.record.rect->x, row.record.rect->y});
  }
  file.attributes = std::move(attributes);
  return file;
}

FeatureFile with_features(FeatureFile file, const ExportedSeries& series) {
  const std::size_t dimension = series.encoder.dimension;
  file.features = EmbeddingMatrix::zeros(series.rows.size(), dimension);
  for (std::size_t i = 0; i < series.rows.size(); ++i) {
    std::ranges::copy(series.rows[i].vector, file.features.row(i).begin());
  }
  return file;
}

/// As scanners count: 40 at .25 micrometres a pixel.
std::optional<std::int64_t> magnification_of(const SlideRecord& slide) {
  if (slide.objective) return std::llround(*slide.objective);
  if (slide.scale) return std::llround(10 / slide.scale->mpp.value);
  return std::nullopt;
}

/// What both programs leave out: where the vectors come from.
void add_provenance(const ExportedSeries& series, Attributes& attributes) {
  const SlideRecord& slide = series.slide;
  if (slide.scale) {
    attributes.emplace_back("mpp", slide.scale->mpp.value);
    attributes.emplace_back("mpp_source", std::string(to_string(slide.scale->source)));
  }
  attributes.emplace_back("slide_sha256", slide.fingerprint.sha256);
  attributes.emplace_back("model_sha256", series.encoder.id.value);
  attributes.emplace_back("stain_id", series.pipeline.stain_id());
  attributes.emplace_back("pipeline", series.pipeline.text());
  if (series.series.stain) attributes.emplace_back("stain", to_json_text(*series.series.stain));
  attributes.emplace_back("case_id", unescape_id(slide.case_id.value));
  attributes.emplace_back("caption", slide.caption);
}

std::string name_of(const SlideRecord& slide) { return unescape_id(slide.id.value); }

/// Everything is said in level-0 pixels, so target and level 0 have one magnification and the size
/// of a patch is exact for any scale.
Attributes trident_attributes(const ExportedSeries& series) {
  const std::int64_t extent = series.series.level0_extent;
  Attributes attributes = {{"patch_size", extent}, {"patch_size_level0", extent}};
  if (const auto magnification = magnification_of(series.slide)) {
    attributes.emplace_back("level0_magnification", *magnification);
    attributes.emplace_back("target_magnification", *magnification);
  }
  const double overlap = series.pipeline.overlap * static_cast<double>(extent);
  attributes.emplace_back("overlap", static_cast<std::int64_t>(std::llround(overlap)));
  attributes.emplace_back("name", name_of(series.slide));
  attributes.emplace_back("savetodir", series.folder());
  if (series.slide.size.width > 0) {
    attributes.emplace_back("level0_width", series.slide.size.width);
    attributes.emplace_back("level0_height", series.slide.size.height);
  }
  add_provenance(series, attributes);
  return attributes;
}

Attributes clam_attributes(const ExportedSeries& series) {
  const PixelSize size = series.slide.size;
  Attributes attributes = {{"patch_size", series.series.level0_extent},
                           {"patch_level", std::int64_t{0}},
                           {"downsample", std::array{1.0, 1.0}}};
  if (size.width > 0) {
    attributes.emplace_back("downsampled_level_dim", std::array{size.width, size.height});
    attributes.emplace_back("level_dim", std::array{size.width, size.height});
  }
  attributes.emplace_back("name", name_of(series.slide));
  attributes.emplace_back("save_path", series.folder());
  add_provenance(series, attributes);
  return attributes;
}

/// The folders of one program.
struct Layout {
  Attributes (*attributes)(const ExportedSeries&);
  std::string places_suffix;
  fs::path (*features_folder)(const ExportedSeries&);
};

class H5Exporter : public Exporter {
 public:
  H5Exporter(const fs::path& out, Layout layout) : Exporter(out), layout_(std::move(layout)) {}

  [[nodiscard]] bool needs_place() const override { return true; }

  Result<void> add(const ExportedSeries& series) override {
    const std::string slide = file_name_of(series.slide.id.value);
    const fs::path folder = series.folder();
    FeatureFile file = places_of(series, layout_.attributes(series));
    CLIPPATH_TRY_VOID(write(folder / "patches" / (slide + layout_.places_suffix + ".h5"), file));
    return write(folder / layout_.features_folder(series) / (slide + ".h5"),
                 with_features(std::move(file), series));
  }

 private:
  Result<void> write(fs::path name, const FeatureFile& file) {
    CLIPPATH_TRY(const fs::path path, place(name));
    CLIPPATH_TRY_VOID(write_feature_file(path, file));
    made(std::move(name));
    return {};
  }

  Layout layout_;
};

}  // namespace

std::unique_ptr<Exporter> make_trident_exporter(const fs::path& out) {
  const auto features_folder = [](const ExportedSeries& series) {
    return fs::path("features_" + escape_id(series.encoder.name));
  };
  return std::make_unique<H5Exporter>(out,
                                      Layout{&trident_attributes, "_patches", features_folder});
}

std::unique_ptr<Exporter> make_clam_exporter(const fs::path& out) {
  const auto features_folder = [](const ExportedSeries&) { return fs::path("h5_files"); };
  return std::make_unique<H5Exporter>(out, Layout{&clam_attributes, "", features_folder});
}

}  // namespace clippath
