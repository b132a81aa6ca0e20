// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <utility>

#include "clippath/interchange.h"
#include "store/interchange/exporter.h"

namespace clippath {
namespace {

/// The slides that were asked for and that the encoder saw, in order of id.
Result<std::vector<SlideRecord>> choose_slides(const DataFolder& data,
                                               const std::vector<SlideId>& wanted,
                                               const EncoderId& encoder) {
  CLIPPATH_TRY(std::vector<SlideRecord> slides, data.records().slides());
  std::erase_if(slides, [&encoder](const SlideRecord& slide) {
    return std::ranges::find(slide.encoders, encoder) == slide.encoders.end();
  });
  if (wanted.empty()) return slides;
  std::vector<SlideRecord> chosen;
  for (const SlideId& id : std::set<SlideId>(wanted.begin(), wanted.end())) {
    const auto found = std::ranges::find(slides, id, &SlideRecord::id);
    if (found == slides.end()) {
      return fail({ErrorKind::kNotFound,
                   "no slide '" + id.value + "' of this encoder in the data folder", "slide"});
    }
    chosen.push_back(*found);
  }
  return chosen;
}

std::size_t patches_of(const std::vector<SlideRecord>& slides) {
  std::size_t count = 0;
  for (const SlideRecord& slide : slides) {
    for (const SeriesRecord& series : slide.series) count += series.count;
  }
  return count;
}

Result<std::vector<std::string>> field_names(const DataFolder& data,
                                             const std::vector<SlideRecord>& slides) {
  std::set<std::string> names;
  const auto note = [&names](const SlideRecord&, PatchRow&& row) -> Result<void> {
    for (const auto& [name, value] : row.record.fields) names.insert(name);
    return {};
  };
  for (const SlideRecord& slide : slides) {
    for (const auto& [name, value] : slide.fields) names.insert(name);
    CLIPPATH_TRY_VOID(data.records().each_patch_of(slide.id, note));
  }
  return std::vector<std::string>(names.begin(), names.end());
}

Result<EncoderEntry> encoder_of(const DataFolder& data, const std::string& wanted) {
  const std::vector<EncoderEntry> known = data.encoders();
  if (!wanted.empty()) return choose_encoder(known, wanted);
  return known.empty() ? EncoderEntry{} : known.front();
}

Result<std::unique_ptr<Exporter>> make_exporter(const DataFolder& data,
                                                const ExportRequest& request,
                                                const std::vector<SlideRecord>& slides,
                                                const EncoderEntry& encoder) {
  switch (request.format) {
    case ExportFormat::kTrident: return make_trident_exporter(request.out);
    case ExportFormat::kClam: return make_clam_exporter(request.out);
    case ExportFormat::kGeoJson: return make_geojson_exporter(request.out);
    case ExportFormat::kNdjson: return make_ndjson_exporter(request.out);
    case ExportFormat::kNpy:
      return make_npy_exporter(request.out, patches_of(slides), encoder.dimension);
    case ExportFormat::kCsv: {
      CLIPPATH_TRY(std::vector<std::string> fields, field_names(data, slides));
      return make_csv_exporter(request.out, std::move(fields));
    }
  }
  return fail(ErrorKind::kInvalidArgument, "no such format");
}

/// Hands the series of the slides to an exporter, one at a time.
class ExportRun {
 public:
  ExportRun(const DataFolder& data, EncoderEntry encoder, Exporter& exporter,
            const std::atomic<bool>& stop)
      : data_(data), encoder_(std::move(encoder)), exporter_(exporter), stop_(stop) {}

  Result<void> add_slide(const SlideRecord& slide) {
    for (const SeriesRecord& series : slide.series) {
      if (stop_) break;
      CLIPPATH_TRY_VOID(add_series(slide, series));
    }
    return {};
  }

  [[nodiscard]] std::size_t patches() const { return patches_; }
  [[nodiscard]] std::size_t without_place() const { return without_place_; }

 private:
  Result<void> add_series(const SlideRecord& slide, const SeriesRecord& series) {
    if (series.count == 0) return {};
    if (series.level0_extent == 0 && exporter_.needs_place()) {
      without_place_ += series.count;
      return {};
    }
    const auto pipeline = data_.find_pipeline(series.pipeline_id);
    if (!pipeline) {
      return fail(ErrorKind::kCorruption, "slide '" + slide.id.value + "': its pipeline " +
                                              series.pipeline_id + " is not in clippath.json");
    }
    ExportedSeries exported{slide, series, *pipeline, encoder_, {}};
    const auto take = [&](const SlideRecord&, PatchRow&& row) -> Result<void> {
      const std::int64_t extent = row.record.rect ? row.record.rect->width : 0;
      if (extent == series.level0_extent) exported.rows.push_back(std::move(row));
      return {};
    };
    CLIPPATH_TRY_VOID(data_.records().each_patch_of(slide.id, take, encoder_.id));
    patches_ += exported.rows.size();
    return exporter_.add(exported);
  }

  const DataFolder& data_;
  const EncoderEntry encoder_;
  Exporter& exporter_;
  const std::atomic<bool>& stop_;
  std::size_t patches_ = 0;
  std::size_t without_place_ = 0;
};

}  // namespace

Result<ExportSummary> export_patches(const DataFolder& data, const ExportRequest& request,
                                     const std::atomic<bool>& stop) {
  CLIPPATH_TRY(const EncoderEntry encoder, encoder_of(data, request.encoder));
  CLIPPATH_TRY(const std::vector<SlideRecord> slides,
               choose_slides(data, request.slides, encoder.id));
  CLIPPATH_TRY(const auto exporter, make_exporter(data, request, slides, encoder));
  ExportRun run(data, encoder, *exporter, stop);
  for (const SlideRecord& slide : slides) {
    if (stop) break;
    CLIPPATH_TRY_VOID(run.add_slide(slide));
  }
  ExportSummary summary;
  summary.interrupted = stop;
  if (!summary.interrupted) CLIPPATH_TRY_VOID(exporter->finish());
  summary.patches = run.patches();
  summary.without_place = run.without_place();
  summary.files = exporter->files();
  return summary;
}

}  // namespace clippath
