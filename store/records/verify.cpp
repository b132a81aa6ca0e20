// SPDX-License-Identifier: Apache-2.0
#include "store/records/verify.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "store/records/ingest_mark.h"
#include "store/records/patch_reader.h"
#include "store/records/record_json.h"

namespace clippath {
namespace {

constexpr std::size_t kMostFindings = 1000;

/// One pass over one view of the records. One thread at a time.
class Verifier {
 public:
  explicit Verifier(const Database& database) : view_(database) {}

  Result<std::vector<std::string>> run(std::vector<std::string> findings) {
    findings_ = std::move(findings);
    CLIPPATH_TRY_VOID(read_slides());
    for (const auto& [number, slide] : slides_) CLIPPATH_TRY_VOID(check_slide(slide));
    CLIPPATH_TRY_VOID(check_reports());
    CLIPPATH_TRY_VOID(check_ids());
    CLIPPATH_TRY_VOID(check_unseen_rows());
    CLIPPATH_TRY_VOID(check_vectors());
    return std::move(findings_);
  }

 private:
  void note(std::string finding) {
    if (findings_.size() < kMostFindings) findings_.push_back(std::move(finding));
  }

  Result<void> read_slides() {
    return each_record(
        Collection::kPatches, RecordKind::kSlide,
        [&](const RecordKey& key, std::string_view text) -> Result<void> {
          auto record = decode_slide(text);
          if (record) {
            slides_.emplace(key.number, StoredSlide{key.number, *std::move(record)});
          } else {
            note("slide number " + std::to_string(key.number) + ": " + record.error().message);
          }
          return {};
        });
  }

  Result<void> check_slide(const StoredSlide& slide) {
    const std::string name = "slide '" + slide.record.id.value + "'";
    CLIPPATH_TRY_VOID(
        check_id(Collection::kPatches, slide.record.id.value, slide_key(slide.number), name));
    SeriesReader reader(view_);
    for (std::size_t position = 0; position < slide.record.encoders.size(); ++position) {
      for (const SeriesRecord& series : slide.record.series) {
        reader.start(slide, series, position);
        for (std::uint32_t i = 0; i < series.count; ++i) {
          const auto patch = reader.next();
          if (patch) {
            CLIPPATH_TRY_VOID(check_patch(name, slide.record.encoders[position], *patch));
          } else {
            note(name + ": " + patch.error().message);
          }
        }
      }
    }
    return {};
  }

  Result<void> check_patch(const std::string& slide_name, const EncoderId& named,
                           const StoredPatch& patch) {
    const std::string& id = patch.row.record.id.value;
    const std::string name = slide_name + ": patch '" + id + "'";
    if (const auto encoder = encoder_bytes(named); !encoder || *encoder != patch.encoder)
      note(name + ": its vector was made by another encoder than the slide names");
    return check_id(Collection::kPatches, id, patch.key, name);
  }

  Result<void> check_reports() {
    return each_record(
        Collection::kReports, RecordKind::kReport,
        [&](const RecordKey& key, std::string_view text) -> Result<void> {
          const auto report = decode_report(text);
          if (!report) {
            note("report number " + std::to_string(key.number) + ": " + report.error().message);
            return {};
          }
          const std::string name = "report '" + report->id.value + "'";
          report_vectors_[key.number] = report->encoders.size();
          for (std::size_t position = 0; position < report->encoders.size(); ++position) {
            if (const auto vector = read_vector(view_, key, position); !vector)
              note(name + ": " + vector.error().message);
          }
          return check_id(Collection::kReports, report->id.value, key, name);
        });
  }

  /// From the record to its id.
  Result<void> check_id(Collection collection, const std::string& id, const RecordKey& key,
                        const std::string& name) {
    CLIPPATH_TRY(const auto bytes, view_.get(Family::kIds, id_key(collection, id)));
    if (!bytes || *bytes != encode_key(key)) note(name + ": its id does not lead to it");
    return {};
  }

  /// From the id to a record.
  Result<void> check_ids() {
    return each_with_prefix(
        view_, Family::kIds, "",
        [&](std::string_view id, std::string_view key_bytes) -> Result<void> {
          const std::size_t prefix_bytes = id_key(Collection::kPatches, "").size();
          const std::string name =
              "id '" + std::string(id.substr(std::min(prefix_bytes, id.size()))) + "'";
          CLIPPATH_TRY(const auto record, view_.get(Family::kMeta, key_bytes));
          if (!record) note(name + ": leads to no record");
          return {};
        });
  }

  Result<void> check_unseen_rows() {
    CLIPPATH_TRY(const auto marks, read_marks(view_));
    for (const IngestMark& mark : marks) {
      for (std::uint32_t block : mark.blocks) marked_.emplace(mark.slide_number, block);
    }
    return each_record(Collection::kPatches, RecordKind::kPatch,
                       [&](const RecordKey& key, std::string_view) -> Result<void> {
                         if (slide_showing(key) == nullptr && !is_marked(key)) {
                           note("slide number " + std::to_string(key.number) + ": patch " +
                                std::to_string(key.ordinal) + " belongs to no series");
                         }
                         return {};
                       });
  }

  /// Whether a writer at work, or the next one, looks after this row.
  [[nodiscard]] bool is_marked(const RecordKey& key) const {
    return marked_.contains({key.number, key.ordinal / kOrdinalsPerBlock});
  }

  /// The slide that shows this row to readers, or null.
  [[nodiscard]] const SlideRecord* slide_showing(const RecordKey& key) const {
    const auto slide = slides_.find(key.number);
    if (slide == slides_.end()) return nullptr;
    const SlideRecord& record = slide->second.record;
    return visible_series(record, key.ordinal) == nullptr ? nullptr : &record;
  }

  /// How many vectors the record of this key has; 0 where there is none to be seen.
  [[nodiscard]] std::size_t vectors_of(const RecordKey& key) const {
    if (key.kind == RecordKind::kReport) {
      const auto report = report_vectors_.find(key.number);
      return report == report_vectors_.end() ? 0 : report->second;
    }
    const SlideRecord* const slide = slide_showing(key);
    return slide == nullptr ? 0 : slide->encoders.size();
  }

  /// From the vector to its record. Those of damaged records were noted with them.
  Result<void> check_vectors() {
    return each_with_prefix(
        view_, Family::kVectors, "", [&](std::string_view name, std::string_view) -> Result<void> {
          const auto key = decode_key(name.substr(0, std::min(kRecordKeyBytes, name.size())));
          if (!key) {
            note("a vector has a key that is none");
            return {};
          }
          const std::size_t vectors = vectors_of(*key);
          for (std::size_t i = 0; i < vectors; ++i) {
            if (name == vector_key(*key, i)) return {};
          }
          if (key->kind == RecordKind::kPatch && is_marked(*key)) return {};
          note("record number " + std::to_string(key->number) + ", ordinal " +
               std::to_string(key->ordinal) + ": has a vector of no encoder that it names");
          return {};
        });
  }

  template <class Visit>
  Result<void> each_record(Collection collection, RecordKind kind, Visit visit) {
    return each_with_prefix(view_, Family::kMeta, key_prefix(collection, kind),
                            [&](std::string_view bytes, std::string_view value) -> Result<void> {
                              const auto key = decode_key(bytes);
                              if (key) return visit(*key, value);
                              note("a record has a key that is none");
                              return {};
                            });
  }

  const ReadView view_;
  std::map<std::uint64_t, StoredSlide> slides_;
  std::map<std::uint64_t, std::size_t> report_vectors_;       ///< how many, by number
  std::set<std::pair<std::uint64_t, std::uint32_t>> marked_;  ///< slide number, block
  std::vector<std::string> findings_;
};

}  // namespace

Result<std::vector<std::string>> verify_records(const Database& database) {
  std::vector<std::string> findings = database.check_files();
  auto result = Verifier(database).run(findings);
  // Damaged blocks end the pass over the records, and are what was asked for.
  if (!result && result.error().kind == ErrorKind::kCorruption) {
    findings.push_back(result.error().message);
    return findings;
  }
  return result;
}

}  // namespace clippath
