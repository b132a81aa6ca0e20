// SPDX-License-Identifier: Apache-2.0
#include "clippath/core/files.h"
#include "clippath/geojson.h"
#include "store/interchange/exporter.h"

namespace clippath {
namespace {

GeoFeature tile_of(const SlideRecord& slide, const PatchRecord& patch) {
  GeoFeature feature;
  feature.name = patch.id.value;
  feature.object = GeoObject::kTile;
  feature.rect = *patch.rect;
  feature.measurements = {{"tissue_fraction", patch.tissue_fraction},
                          {"white_fraction", patch.white_fraction}};
  feature.metadata = {{"slide_id", slide.id.value}, {"case_id", slide.case_id.value}};
  return feature;
}

class GeoJsonExporter : public Exporter {
 public:
  explicit GeoJsonExporter(const std::filesystem::path& out) : Exporter(out) {}

  [[nodiscard]] bool needs_place() const override { return true; }

  Result<void> add(const ExportedSeries& series) override {
    const std::filesystem::path name =
        std::filesystem::path(series.folder()) / (file_name_of(series.slide.id.value) + ".geojson");
    std::vector<GeoFeature> tiles;
    for (const PatchRow& row : series.rows) tiles.push_back(tile_of(series.slide, row.record));
    CLIPPATH_TRY(const std::filesystem::path path, place(name));
    CLIPPATH_TRY(StagedFile file, StagedFile::create(path));
    CLIPPATH_TRY_VOID(file.append(to_geojson(tiles)));
    CLIPPATH_TRY_VOID(file.commit());
    made(name);
    return {};
  }
};

}  // namespace

std::unique_ptr<Exporter> make_geojson_exporter(const std::filesystem::path& out) {
  return std::make_unique<GeoJsonExporter>(out);
}

}  // namespace clippath
