// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "clippath/attention.h"
#include "clippath/core/embedding.h"
#include "clippath/core/fields.h"
#include "clippath/core/geometry.h"
#include "clippath/core/ids.h"
#include "clippath/core/result.h"
#include "clippath/slide.h"
#include "clippath/stain.h"

namespace clippath {

/// What tells two files with one name apart.
struct FileFingerprint {
  std::string sha256;  ///< hex, of the whole file; for a ready-made patch table's slide of its rows
                       ///< and pictures, with size and time 0
  std::uint64_t size_bytes = 0;
  std::int64_t modified_ns = 0;  ///< with size: spares hashing again a file that did not change
  friend bool operator==(const FileFingerprint&, const FileFingerprint&) = default;
};

/// The patches of one slide at one field of view.
struct SeriesRecord {
  std::int64_t level0_extent = 0;  ///< side of its tiles in level-0 pixels: the name of the series
                                   ///< within its slide; 0: without coordinates
  double extent_um = 0;            ///< physical side; 0 where unknown
  std::uint32_t first_ordinal =
      0;  ///< its patches are first_ordinal .. first_ordinal + count - 1. Set by the store.
  std::uint32_t count = 0;            ///< set by the store
  std::optional<StainProfile> stain;  ///< that its pictures were normalised by, in slide scope
  std::string pipeline_id;  ///< hash of the pipeline document that made it (data_folder.h)
  std::string regions_id;   ///< hash of the regions that its tiles lie in; empty: all of the slide
  std::map<std::string, std::int64_t> tiles;  ///< how many: "grid", "kept", "keeps_stain" of these,
                                              ///< and one count per DropReason that occurred
  std::optional<AttentionScores> attention;   ///< of all that were scored; nothing without a filter
};

/// One slide. Its fields are inherited by its patches.
struct SlideRecord {
  SlideId id;
  CaseId case_id;
  std::string path;  ///< where the file stood when it was indexed, absolute; empty for a patch
                     ///< table's slides
  FileFingerprint fingerprint;
  PixelSize size;  ///< level 0; zero where unknown
  std::optional<SlideScale> scale;
  std::optional<double> objective;
  std::string vendor;
  std::string caption;               ///< diagnosis text; may be empty
  std::vector<ReportId> report_ids;  ///< named by the manifest
  Fields fields;                     ///< the manifest's own columns
  std::vector<EncoderId> encoders;   ///< that its patches have vectors of, in the writer's order
  bool partial = false;  ///< some tiles could not be read: searchable, and flagged in every hit
  std::int64_t indexed_at = 0;       ///< seconds since 1970, UTC
  std::vector<SeriesRecord> series;  ///< by level0_extent
};

/// One patch.
struct PatchRecord {
  PatchId id;
  std::optional<Level0Rect> rect;   ///< empty where a patch table gave no coordinates
  double extent_um = 0;             ///< 0 where unknown
  double tissue_fraction = 0;       ///< of the slide mask, in [0, 1]; 0 for a ready-made patch
  double white_fraction = 0;        ///< of the picture, in [0, 1]
  bool keeps_stain = false;         ///< no usable stains were found: encoded as it was read
  std::optional<double> attention;  ///< score of the attention filter, in [0, 1]; nothing without
  std::uint64_t picture_hash = 0;  ///< xxh3 of the RGB bytes of the patch picture (kPatchPicturePx)
  std::string image_path;          ///< of a ready-made patch; empty for tiles of a slide
  std::string caption;             ///< its own; empty: the slide's
  Fields fields;                   ///< a patch table's own columns
};

/// The series of its slide that a patch is of; null where the slide has none such.
inline const SeriesRecord* series_of(const SlideRecord& slide, const PatchRecord& patch) {
  const std::int64_t extent = patch.rect ? patch.rect->width : 0;
  for (const SeriesRecord& series : slide.series) {
    if (series.level0_extent == extent) return &series;
  }
  return nullptr;
}

/// A patch's own caption, else its slide's.
inline const std::string& caption_of(const SlideRecord& slide, const PatchRecord& patch) {
  return patch.caption.empty() ? slide.caption : patch.caption;
}

/// The slide's fields and the patch's own, which win.
inline Fields fields_of(const SlideRecord& slide, const PatchRecord& patch) {
  Fields fields = patch.fields;
  fields.insert(slide.fields.begin(), slide.fields.end());
  return fields;
}

/// A patch as it is read, with the vector of one encoder.
struct PatchRow {
  PatchRecord record;
  Embedding vector;  ///< image tower, unit length
};

/// A patch as it is written.
struct EncodedPatch {
  PatchRecord record;
  std::vector<Embedding> vectors;  ///< one for each encoder of the writer, in its order
};

struct ReportRecord {
  ReportId id;
  CaseId case_id;
  std::optional<SlideId> slide_id;
  std::string text;
  std::string caption;  ///< diagnosis in one line; may be empty
  Fields fields;
  std::vector<EncoderId> encoders;  ///< that it has vectors of. Set by the store
};

/// A report as it is read, with the vector of one encoder.
struct ReportRow {
  ReportRecord record;
  Embedding vector;  ///< text tower, unit length
};

/// A report as it is written.
struct EncodedReport {
  ReportRecord record;
  std::vector<Embedding> vectors;  ///< one for each encoder, in their order
};

/// Vectors that a record may have.
inline constexpr std::size_t kMaxEncoders = 8;

/// Which vectors: pictures of patches, or texts of reports. Do not change the values: on disk.
enum class Collection : std::uint32_t { kPatches = 1, kReports = 2 };

/// `patches`, `reports`.
std::string_view to_string(Collection collection);

/// Writes the patches of one slide. Nothing is visible until complete(); a writer that is dropped,
/// or a process that dies, leaves no trace (its rows are removed when the store is opened for
/// writing again). One thread at a time; several slides may be written beside each other.
class SlideWriter {
 public:
  virtual ~SlideWriter() = default;

  /// Appends rows to a series, in reading order, in batches of 256 that are on disk when the call
  /// returns. Fails: kOutOfSpace, kInternal. Patch ids must be unique within the slide:
  /// kInvalidArgument.
  virtual Result<void> append(std::int64_t level0_extent, std::vector<EncodedPatch> rows) = 0;

  /// In one synced transaction: replaces those series of the slide that `slide.series` names (with
  /// what append() was given, possibly nothing), keeps its others, and stores the slide. A series
  /// that was there under the same level0_extent is gone. Fails: kInvalidArgument if `slide` has
  /// another id or other encoders than the writer, or does not name a series that append() was
  /// given.
  virtual Result<void> complete(SlideRecord slide) = 0;
};

/// The truth: RocksDB with a write-ahead log; whatever a call has acknowledged survives kill -9 and
/// power loss. Keys carry a tenant (0) and every stored vector a checksum over key and value
/// (docs/formats/records.md). Thread-safe.
///
/// Where a call reads vectors, `encoder` says whose: records that have none of it are passed over;
/// empty stands for the first encoder of each record.
class Records {
 public:
  virtual ~Records() = default;

  [[nodiscard]] virtual Result<std::optional<SlideRecord>> find_slide(const SlideId& id) const = 0;
  /// In order of id.
  [[nodiscard]] virtual Result<std::vector<SlideRecord>> slides() const = 0;
  [[nodiscard]] virtual Result<std::optional<PatchRow>> find_patch(
      const PatchId& id, const EncoderId& encoder = {}) const = 0;
  [[nodiscard]] virtual Result<std::optional<ReportRow>> find_report(
      const ReportId& id, const EncoderId& encoder = {}) const = 0;
  /// In order of id.
  [[nodiscard]] virtual Result<std::vector<ReportRecord>> reports() const = 0;

  /// Visits every patch of every complete series, slide by slide in order of (case, slide), then by
  /// ordinal. Stops at the first error. Fails: kCorruption if a stored checksum is wrong, naming
  /// the patch.
  virtual Result<void> each_patch(
      const std::function<Result<void>(const SlideRecord&, PatchRow&&)>& visit,
      const EncoderId& encoder = {}) const = 0;
  /// The same for one slide; an id that is not stored has no patches.
  virtual Result<void> each_patch_of(
      const SlideId& id, const std::function<Result<void>(const SlideRecord&, PatchRow&&)>& visit,
      const EncoderId& encoder = {}) const = 0;
  /// Visits every report in order of (case, report).
  virtual Result<void> each_report(const std::function<Result<void>(ReportRow&&)>& visit,
                                   const EncoderId& encoder = {}) const = 0;

  /// Begins to write patches of a slide whose vectors these encoders make, one to kMaxEncoders;
  /// every stored vector names its own. Fails: kInvalidArgument for an id that is not one;
  /// kFailedPrecondition if another writer
  /// of this slide is at work, or the records were opened for reading.
  virtual Result<std::unique_ptr<SlideWriter>> write_slide(
      const SlideId& id, const std::vector<EncoderId>& encoders) = 0;
  /// Stores reports, whose vectors these encoders made, in one synced transaction; an id that
  /// exists is replaced. Fails: as write_slide; kOutOfSpace.
  virtual Result<void> put_reports(const std::vector<EncodedReport>& reports,
                                   const std::vector<EncoderId>& encoders) = 0;

  /// Grows with every transaction that changes what a collection's search may answer. A generation
  /// made at an older number is stale.
  [[nodiscard]] virtual Result<std::uint64_t> sequence(Collection collection) const = 0;
  /// The number of the current generation of a collection's vectors by one encoder, with the
  /// SHA-256 of its manifest; empty when there is none.
  struct CurrentGeneration {
    std::uint64_t number = 0;
    std::string manifest_sha256;
  };
  [[nodiscard]] virtual Result<std::optional<CurrentGeneration>> current_generation(
      Collection collection, const EncoderId& encoder) const = 0;
  virtual Result<void> set_current_generation(Collection collection, const EncoderId& encoder,
                                              const CurrentGeneration& generation) = 0;

  /// Reads every record and checks every checksum. The list of what is wrong; empty when all is
  /// well.
  [[nodiscard]] virtual Result<std::vector<std::string>> verify() const = 0;
};

enum class Access { kRead, kWrite };

/// Opens (kWrite: creates where missing) the records in `folder`.
/// Fails: kNotFound (kRead); kCorruption naming the file and the remedy; kOutOfSpace.
Result<std::unique_ptr<Records>> open_records(const std::filesystem::path& folder, Access access);

/// Version of RocksDB.
std::string records_library_version();

}  // namespace clippath
