// SPDX-License-Identifier: Apache-2.0
#include <rocksdb/version.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "clippath/core/check.h"
#include "clippath/records.h"
#include "core/json/json.h"
#include "store/records/codec.h"
#include "store/records/database.h"
#include "store/records/ingest_mark.h"
#include "store/records/keys.h"
#include "store/records/patch_reader.h"
#include "store/records/record_json.h"
#include "store/records/slide_writer.h"
#include "store/records/store_state.h"
#include "store/records/vector_rows.h"
#include "store/records/verify.h"

namespace clippath {
namespace {

struct ReportPlace {
  CaseId case_id;
  ReportId id;
  std::uint64_t number = 0;
};

std::string current_key(Collection collection, const EncoderId& encoder) {
  return generation_key(collection, "current/" + encoder.value);
}

/// Nothing where the encoder made no vector of it.
Result<std::optional<ReportRow>> read_report(const ReadView& view, std::uint64_t number,
                                             const EncoderId& encoder) {
  CLIPPATH_TRY(auto text, view.get(Family::kMeta, encode_key(report_key(number))));
  const std::string name = "report number " + std::to_string(number);
  if (!text) return fail(ErrorKind::kCorruption, name + ": its record is missing");
  auto record = decode_report(*text);
  if (!record) return fail(record.error().within(name));
  const auto position = position_of(encoder, record->encoders);
  if (!position) return std::optional<ReportRow>();
  auto vector = read_vector(view, report_key(number), *position);
  if (!vector) return fail(vector.error().within("report '" + record->id.value + "'"));
  return std::optional(ReportRow{*std::move(record), std::move(vector->values)});
}

template <class Visit>
Result<void> each_report_record(const ReadView& view, Visit visit) {
  return each_with_prefix(
      view, Family::kMeta, key_prefix(Collection::kReports, RecordKind::kReport),
      [&](std::string_view bytes, std::string_view text) -> Result<void> {
        const auto key = decode_key(bytes);
        if (!key) return fail(ErrorKind::kCorruption, "a report record has a key that is none");
        CLIPPATH_TRY(ReportRecord report, decode_report(text));
        visit(key->number, std::move(report));
        return {};
      });
}

Result<std::uint64_t> number_after_last(const ReadView& view, Collection collection,
                                        RecordKind kind) {
  const std::string prefix = key_prefix(collection, kind);
  const auto entries = view.iterate(Family::kMeta);
  entries->SeekForPrev(prefix + std::string(kRecordKeyBytes - prefix.size(), '\xff'));
  if (!entries->status().ok()) return fail(to_error(entries->status(), "reading records"));
  const auto last =
      entries->Valid() ? decode_key(entries->key().ToStringView()) : std::optional<RecordKey>();
  const bool found = last && last->collection == collection && last->kind == kind;
  return found ? last->number + 1 : std::uint64_t{1};
}

Result<void> visit_patches(
    StoredSlide& slide, const EncoderId& encoder, SeriesReader& reader,
    const std::function<Result<void>(const SlideRecord&, PatchRow&&)>& visit) {
  const auto position = position_of(encoder, slide.record.encoders);
  if (!position) return {};
  std::ranges::sort(slide.record.series, {}, &SeriesRecord::first_ordinal);
  const std::vector<SeriesRecord> by_ordinal = slide.record.series;
  std::ranges::sort(slide.record.series, {}, &SeriesRecord::level0_extent);
  for (const SeriesRecord& series : by_ordinal) {
    reader.start(slide, series, *position);
    for (std::uint32_t i = 0; i < series.count; ++i) {
      auto patch = reader.next();
      if (!patch) return fail(patch.error().within("slide '" + slide.record.id.value + "'"));
      CLIPPATH_TRY_VOID(visit(slide.record, std::move(patch->row)));
    }
  }
  return {};
}

class RocksRecords : public Records {
 public:
  explicit RocksRecords(std::shared_ptr<StoreState> state) : state_(std::move(state)) {}

  Result<std::optional<SlideRecord>> find_slide(const SlideId& id) const override {
    CLIPPATH_TRY(auto slide, find_stored_slide(ReadView(database()), id));
    if (!slide) return std::optional<SlideRecord>();
    return std::optional(std::move(slide->record));
  }

  Result<std::vector<SlideRecord>> slides() const override {
    CLIPPATH_TRY(auto stored, read_slides(ReadView(database())));
    std::vector<SlideRecord> records;
    records.reserve(stored.size());
    for (StoredSlide& slide : stored) records.push_back(std::move(slide.record));
    std::ranges::sort(records, {}, &SlideRecord::id);
    return records;
  }

  Result<std::optional<PatchRow>> find_patch(const PatchId& id,
                                             const EncoderId& encoder) const override {
    const ReadView view(database());
    CLIPPATH_TRY(const auto key, find_key(view, Collection::kPatches, id.value));
    if (!key || key->kind != RecordKind::kPatch) return std::optional<PatchRow>();
    CLIPPATH_TRY(const auto slide, find_stored_slide(view, key->number));
    const SeriesRecord* series = slide ? visible_series(slide->record, key->ordinal) : nullptr;
    if (series == nullptr) return std::optional<PatchRow>();
    const auto position = position_of(encoder, slide->record.encoders);
    if (!position) return std::optional<PatchRow>();
    SeriesRecord alone = *series;
    alone.first_ordinal = key->ordinal;
    SeriesReader reader(view);
    reader.start(*slide, alone, *position);
    CLIPPATH_TRY(StoredPatch patch, reader.next());
    if (patch.row.record.id != id) return std::optional<PatchRow>();
    return std::optional(std::move(patch.row));
  }

  Result<std::optional<ReportRow>> find_report(const ReportId& id,
                                               const EncoderId& encoder) const override {
    const ReadView view(database());
    CLIPPATH_TRY(const auto key, find_key(view, Collection::kReports, id.value));
    if (!key) return std::optional<ReportRow>();
    return read_report(view, key->number, encoder);
  }

  Result<std::vector<ReportRecord>> reports() const override {
    std::vector<ReportRecord> records;
    CLIPPATH_TRY_VOID(each_report_record(
        ReadView(database()),
        [&](std::uint64_t, ReportRecord&& report) { records.push_back(std::move(report)); }));
    std::ranges::sort(records, {}, &ReportRecord::id);
    return records;
  }

  Result<void> each_patch(const std::function<Result<void>(const SlideRecord&, PatchRow&&)>& visit,
                          const EncoderId& encoder) const override {
    const ReadView view(database());
    CLIPPATH_TRY(auto slides, read_slides(view));
    std::ranges::sort(slides, {}, [](const StoredSlide& slide) {
      return std::tie(slide.record.case_id, slide.record.id);
    });
    SeriesReader reader(view);
    for (StoredSlide& slide : slides)
      CLIPPATH_TRY_VOID(visit_patches(slide, encoder, reader, visit));
    return {};
  }

  Result<void> each_patch_of(
      const SlideId& id, const std::function<Result<void>(const SlideRecord&, PatchRow&&)>& visit,
      const EncoderId& encoder) const override {
    const ReadView view(database());
    CLIPPATH_TRY(auto slide, find_stored_slide(view, id));
    if (!slide) return {};
    SeriesReader reader(view);
    return visit_patches(*slide, encoder, reader, visit);
  }

  Result<void> each_report(const std::function<Result<void>(ReportRow&&)>& visit,
                           const EncoderId& encoder) const override {
    const ReadView view(database());
    std::vector<ReportPlace> places;
    CLIPPATH_TRY_VOID(each_report_record(view, [&](std::uint64_t number, ReportRecord&& report) {
      places.push_back({std::move(report.case_id), std::move(report.id), number});
    }));
    std::ranges::sort(places, {},
                      [](const ReportPlace& place) { return std::tie(place.case_id, place.id); });
    for (const ReportPlace& place : places) {
      CLIPPATH_TRY(auto row, read_report(view, place.number, encoder));
      if (row) CLIPPATH_TRY_VOID(visit(*std::move(row)));
    }
    return {};
  }

  Result<std::unique_ptr<SlideWriter>> write_slide(
      const SlideId& id, const std::vector<EncoderId>& encoders) override {
    CLIPPATH_TRY_VOID(check_writable());
    if (id.empty() || id.value.size() > kMaxIdBytes || id.value.find('~') != std::string::npos) {
      return fail({ErrorKind::kInvalidArgument,
                   "slide id '" + id.value + "': must be 1..128 bytes of [A-Za-z0-9._-] or =XX",
                   "slide_id", "1..128 bytes"});
    }
    if (!state_->claim(id)) {
      return fail(ErrorKind::kFailedPrecondition,
                  "slide '" + id.value + "': is being written already; wait until it is done");
    }
    return RocksSlideWriter::open(state_, id, encoders);
  }

  Result<void> put_reports(const std::vector<EncodedReport>& reports,
                           const std::vector<EncoderId>& encoders) override {
    CLIPPATH_TRY_VOID(check_writable());
    CLIPPATH_TRY(const std::vector<EncoderBytes> bytes, bytes_of(encoders));
    if (reports.empty()) return {};
    MutexLock lock(state_->commit_mutex);
    const ReadView view(database());
    rocksdb::WriteBatch batch;
    std::map<ReportId, std::uint64_t> numbers;
    std::uint64_t next = state_->next_report;
    for (EncodedReport report : reports) {
      report.record.encoders = encoders;
      const ReportId& id = report.record.id;
      const std::string name = "report '" + id.value + "'";
      const auto [place, is_first] = numbers.try_emplace(id, next);
      if (is_first) {
        CLIPPATH_TRY(const auto before, find_key(view, Collection::kReports, id.value));
        if (before) {
          place->second = before->number;
          CLIPPATH_TRY_VOID(erase_vectors(database(), view, batch, *before));
        } else {
          ++next;
        }
      }
      auto put = put_report(batch, report, place->second, bytes);
      if (!put) return fail(put.error().within(name));
    }
    CLIPPATH_TRY_VOID(advance_sequence(database(), batch, Collection::kReports));
    CLIPPATH_TRY_VOID(state_->database->write(batch, Durability::kSynced));
    state_->next_report = next;
    return {};
  }

  Result<std::uint64_t> sequence(Collection collection) const override {
    return read_sequence(ReadView(database()), collection);
  }

  Result<std::optional<CurrentGeneration>> current_generation(
      Collection collection, const EncoderId& encoder) const override {
    CLIPPATH_TRY(const auto text,
                 ReadView(database()).get(Family::kGenerations, current_key(collection, encoder)));
    if (!text) return std::optional<CurrentGeneration>();
    const std::string name = "current generation of " + std::string(to_string(collection));
    const auto json = parse_json(*text);
    if (!json) return fail(ErrorKind::kCorruption, name + ": " + json.error().message);
    ObjectReader reader(*json, "");
    CurrentGeneration current;
    current.number = static_cast<std::uint64_t>(reader.integer("generation", 1, INT64_MAX));
    current.manifest_sha256 = reader.text("manifest_sha256");
    if (auto whole = reader.finish(); !whole)
      return fail(ErrorKind::kCorruption, name + ": " + whole.error().message);
    return std::optional(std::move(current));
  }

  Result<void> set_current_generation(Collection collection, const EncoderId& encoder,
                                      const CurrentGeneration& generation) override {
    CLIPPATH_TRY_VOID(check_writable());
    const Json json{{"generation", generation.number},
                    {"manifest_sha256", generation.manifest_sha256}};
    rocksdb::WriteBatch batch;
    state_->database->put(batch, Family::kGenerations, current_key(collection, encoder),
                          to_text(json));
    return state_->database->write(batch, Durability::kSynced);
  }

  Result<std::vector<std::string>> verify() const override { return verify_records(database()); }

  /// Removes what an interrupted process left and finds the numbers to go on with.
  Result<void> prepare_for_writing() {
    const ReadView view(database());
    CLIPPATH_TRY(const auto marks, read_marks(view));
    for (const IngestMark& mark : marks) {
      CLIPPATH_TRY_VOID(remove_marked_rows(*state_->database, mark));
      state_->next_job = std::max(state_->next_job.load(), mark.job + 1);
    }
    CLIPPATH_TRY(const std::uint64_t after_slides,
                 number_after_last(view, Collection::kPatches, RecordKind::kSlide));
    CLIPPATH_TRY(const std::uint64_t after_patches,
                 number_after_last(view, Collection::kPatches, RecordKind::kPatch));
    state_->next_slide = std::max(after_slides, after_patches);
    MutexLock lock(state_->commit_mutex);
    CLIPPATH_TRY(state_->next_report,
                 number_after_last(view, Collection::kReports, RecordKind::kReport));
    return {};
  }

 private:
  [[nodiscard]] const Database& database() const { return *state_->database; }

  [[nodiscard]] Result<void> check_writable() const {
    if (!database().is_read_only()) return {};
    return fail(ErrorKind::kFailedPrecondition, "the records were opened for reading");
  }

  Result<void> put_report(rocksdb::WriteBatch& batch, const EncodedReport& report,
                          std::uint64_t number, const std::vector<EncoderBytes>& encoders) const {
    if (report.vectors.size() != encoders.size()) {
      return fail(ErrorKind::kInvalidArgument, "must have one vector for each encoder");
    }
    for (const Embedding& vector : report.vectors) CLIPPATH_TRY_VOID(check_unit_length(vector));
    CLIPPATH_TRY(const std::string text, encode_report(report.record));
    const RecordKey key = report_key(number);
    database().put(batch, Family::kMeta, encode_key(key), text);
    put_vectors(database(), batch, key, encoders, report.vectors);
    database().put(batch, Family::kIds, id_key(Collection::kReports, report.record.id.value),
                   encode_key(key));
    return {};
  }

  const std::shared_ptr<StoreState> state_;
};

}  // namespace

std::string_view to_string(Collection collection) {
  switch (collection) {
    case Collection::kPatches: return "patches";
    case Collection::kReports: return "reports";
  }
  return "";
}

Result<std::unique_ptr<Records>> open_records(const std::filesystem::path& folder, Access access) {
  CLIPPATH_TRY(auto database, Database::open(folder, access));
  auto records = std::make_unique<RocksRecords>(std::make_shared<StoreState>(std::move(database)));
  if (access == Access::kWrite) {
    if (auto ready = records->prepare_for_writing(); !ready)
      return fail(ready.error().within(folder.string()));
  }
  return std::unique_ptr<Records>(std::move(records));
}

std::string records_library_version() { return rocksdb::GetRocksVersionAsString(); }

}  // namespace clippath
