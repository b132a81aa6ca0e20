// SPDX-License-Identifier: Apache-2.0
#include <span>

#include "clippath/core/csv.h"
#include "clippath/core/fields.h"
#include "clippath/core/files.h"
#include "clippath/core/npy.h"
#include "core/json/json.h"
#include "store/interchange/exporter.h"

namespace clippath {
namespace {

namespace fs = std::filesystem;

std::string known(double value) { return value > 0 ? to_text(FieldValue(value)) : ""; }

/// Writes one file, or two beside each other, row by row.
class RowExporter : public Exporter {
 public:
  [[nodiscard]] bool needs_place() const override { return false; }

  Result<void> add(const ExportedSeries& series) override {
    for (const PatchRow& row : series.rows) CLIPPATH_TRY_VOID(add_row(series, row));
    return {};
  }

 protected:
  explicit RowExporter(const fs::path& out) : Exporter(out) {}

  Result<StagedFile> create(const std::string& name) const {
    CLIPPATH_TRY(const fs::path path, place(name));
    return StagedFile::create(path);
  }
  Result<void> commit(StagedFile& file, const std::string& name) {
    CLIPPATH_TRY_VOID(file.commit());
    made(name);
    return {};
  }

 private:
  virtual Result<void> add_row(const ExportedSeries& series, const PatchRow& row) = 0;
};

constexpr const char* kCsvName = "patches.csv";
constexpr const char* kNdjsonName = "patches.ndjson";
constexpr const char* kNpyName = "vectors.npy";
constexpr const char* kIdsName = "ids.jsonl";

class CsvExporter : public RowExporter {
 public:
  static Result<std::unique_ptr<Exporter>> open(const fs::path& out,
                                                std::vector<std::string> fields) {
    auto exporter = std::unique_ptr<CsvExporter>(new CsvExporter(out, std::move(fields)));
    std::vector<std::string> columns = {
        "patch_id",  "slide_id", "case_id",    "level0_x",        "level0_y",       "level0_extent",
        "extent_um", "mpp",      "mpp_source", "tissue_fraction", "white_fraction", "caption"};
    for (const std::string& name : exporter->fields_) columns.push_back("field:" + name);
    CLIPPATH_TRY(StagedFile file, exporter->create(kCsvName));
    CLIPPATH_TRY_VOID(file.append(csv_line(columns)));
    exporter->file_ = std::move(file);
    return exporter;
  }

  Result<void> finish() override { return commit(*file_, kCsvName); }

 private:
  CsvExporter(const fs::path& out, std::vector<std::string> fields)
      : RowExporter(out), fields_(std::move(fields)) {}

  Result<void> add_row(const ExportedSeries& series, const PatchRow& row) override {
    const SlideRecord& slide = series.slide;
    const PatchRecord& patch = row.record;
    const auto place = [&patch](std::int64_t Level0Rect::*side) {
      return patch.rect ? std::to_string((*patch.rect).*side) : std::string();
    };
    std::vector<std::string> cells = {
        patch.id.value,
        slide.id.value,
        slide.case_id.value,
        place(&Level0Rect::x),
        place(&Level0Rect::y),
        place(&Level0Rect::width),
        known(patch.extent_um),
        slide.scale ? known(slide.scale->mpp.value) : "",
        slide.scale ? std::string(to_string(slide.scale->source)) : "",
        to_text(FieldValue(patch.tissue_fraction)),
        to_text(FieldValue(patch.white_fraction)),
        spreadsheet_text(caption_of(slide, patch))};
    const Fields fields = fields_of(slide, patch);
    for (const std::string& name : fields_) {
      const auto field = fields.find(name);
      cells.push_back(field == fields.end() ? "" : spreadsheet_text(to_text(field->second)));
    }
    return file_->append(csv_line(cells));
  }

  std::vector<std::string> fields_;
  std::optional<StagedFile> file_;
};

class NdjsonExporter : public RowExporter {
 public:
  static Result<std::unique_ptr<Exporter>> open(const fs::path& out) {
    auto exporter = std::unique_ptr<NdjsonExporter>(new NdjsonExporter(out));
    CLIPPATH_TRY(exporter->file_, exporter->create(kNdjsonName));
    return exporter;
  }

  Result<void> finish() override { return commit(*file_, kNdjsonName); }

 private:
  explicit NdjsonExporter(const fs::path& out) : RowExporter(out) {}

  Result<void> add_row(const ExportedSeries& series, const PatchRow& row) override {
    const SlideRecord& slide = series.slide;
    const PatchRecord& patch = row.record;
    Json line = {{"id", patch.id.value},
                 {"slide_id", slide.id.value},
                 {"case_id", slide.case_id.value},
                 {"rect", nullptr},
                 {"mpp", slide.scale ? Json(slide.scale->mpp.value) : Json()},
                 {"mpp_source", slide.scale ? Json(to_string(slide.scale->source)) : Json()},
                 {"extent_um", patch.extent_um > 0 ? Json(patch.extent_um) : Json()},
                 {"caption", caption_of(slide, patch)},
                 {"fields", Json::object()},
                 {"encoder", series.encoder.id.value},
                 {"vector", row.vector}};
    if (patch.rect) {
      line["rect"] = {{"x", patch.rect->x},
                      {"y", patch.rect->y},
                      {"width", patch.rect->width},
                      {"height", patch.rect->height}};
    }
    for (const auto& [name, value] : fields_of(slide, patch)) {
      line["fields"][name] = to_text(value);
    }
    return file_->append(to_text(line) + "\n");
  }

  std::optional<StagedFile> file_;
};

class NpyExporter : public RowExporter {
 public:
  static Result<std::unique_ptr<Exporter>> open(const fs::path& out, std::size_t rows,
                                                std::size_t dimension) {
    auto exporter = std::unique_ptr<NpyExporter>(new NpyExporter(out, rows));
    CLIPPATH_TRY(exporter->vectors_, exporter->create(kNpyName));
    CLIPPATH_TRY(exporter->ids_, exporter->create(kIdsName));
    CLIPPATH_TRY_VOID(exporter->vectors_->append(npy_header(rows, dimension)));
    return exporter;
  }

  Result<void> finish() override {
    if (written_ != rows_) {
      return fail(ErrorKind::kCorruption, "the records name " + std::to_string(rows_) +
                                              " patches and hold " + std::to_string(written_));
    }
    CLIPPATH_TRY_VOID(commit(*ids_, kIdsName));
    return commit(*vectors_, kNpyName);
  }

 private:
  NpyExporter(const fs::path& out, std::size_t rows) : RowExporter(out), rows_(rows) {}

  Result<void> add_row(const ExportedSeries& series, const PatchRow& row) override {
    const SlideRecord& slide = series.slide;
    ++written_;
    CLIPPATH_TRY_VOID(ids_->append(to_text({{"id", row.record.id.value},
                                            {"slide_id", slide.id.value},
                                            {"case_id", slide.case_id.value}}) +
                                   "\n"));
    const auto bytes = std::as_bytes(std::span(row.vector));
    return vectors_->append(
        std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  }

  std::size_t rows_;
  std::size_t written_ = 0;
  std::optional<StagedFile> vectors_;
  std::optional<StagedFile> ids_;
};

}  // namespace

Result<std::unique_ptr<Exporter>> make_csv_exporter(const fs::path& out,
                                                    std::vector<std::string> fields) {
  return CsvExporter::open(out, std::move(fields));
}

Result<std::unique_ptr<Exporter>> make_ndjson_exporter(const fs::path& out) {
  return NdjsonExporter::open(out);
}

Result<std::unique_ptr<Exporter>> make_npy_exporter(const fs::path& out, std::size_t rows,
                                                    std::size_t dimension) {
  return NpyExporter::open(out, rows, dimension);
}

}  // namespace clippath
