// SPDX-License-Identifier: Apache-2.0
#include "indexer/pipeline/slide_identity.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <tuple>
#include <utility>

#include "clippath/core/digest.h"
#include "clippath/core/files.h"
#include "clippath/core/short_text.h"

namespace clippath {
namespace {

namespace fs = std::filesystem;

Result<FileFingerprint> stamp_of(const fs::path& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) {
    return fail(system_error(errno, "slide '" + path.string() + "'"));
  }
  FileFingerprint stamp;
  stamp.size_bytes = static_cast<std::uint64_t>(status.st_size);
  stamp.modified_ns =
      std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + std::int64_t{status.st_mtim.tv_nsec};
  return stamp;
}

bool same_stamp(const FileFingerprint& a, const FileFingerprint& b) {
  return a.size_bytes == b.size_bytes && a.modified_ns == b.modified_ns;
}

Result<std::string> hex_digest_of(const fs::path& path) {
  CLIPPATH_TRY(const Sha256Digest digest, sha256_file(path));
  return to_hex(digest);
}

std::shared_future<Result<std::string>> digest_beside(IndexRun& run, const fs::path& path) {
  auto task = std::make_shared<std::packaged_task<Result<std::string>()>>(
      [path] { return hex_digest_of(path); });
  run.readers().pool.submit([task] { (*task)(); });
  return task->get_future().share();
}

bool is_named(const std::vector<SeriesRecord>& series, std::int64_t level0_extent) {
  return std::any_of(series.begin(), series.end(), [level0_extent](const SeriesRecord& record) {
    return record.level0_extent == level0_extent;
  });
}

/// Then the tissue mask and the extents in micrometres are the same, whatever states the scale.
bool same_mpp(const std::optional<SlideScale>& a, const std::optional<SlideScale>& b) {
  if (a.has_value() != b.has_value()) return false;
  return !a || a->mpp == b->mpp;
}

bool same_scale(const std::optional<SlideScale>& a, const std::optional<SlideScale>& b) {
  return same_mpp(a, b) && (!a || a->source == b->source);
}

/// What is stored of the slide is still true of it.
bool still_holds(const SlideIdentity& identity, const SlideRecord& record) {
  return identity.stored && identity.same_file && same_mpp(identity.stored->scale, record.scale);
}

}  // namespace

Error refused_slide(const SlideRecord& stored, const std::string& now) {
  const std::string before =
      stored.path.empty() ? "a table of patches or features" : "'" + stored.path + "'";
  return Error{ErrorKind::kFailedPrecondition,
               "the id '" + stored.id.value + "' is stored from " + before + ", and " + now +
                   " has other bytes; give it another id, or use --replace"};
}

Result<SlideIdentity> identify_slide(IndexRun& run, const SlideId& id, const fs::path& path) {
  SlideIdentity identity;
  CLIPPATH_TRY(identity.fingerprint, stamp_of(path));
  CLIPPATH_TRY(identity.stored, run.from_store(run.records().find_slide(id)));
  if (!identity.stored) {
    identity.digest = digest_beside(run, path);
    return identity;
  }
  const FileFingerprint& before = identity.stored->fingerprint;
  // Two files may have one size and time: these say enough of the stored path only.
  if (identity.stored->path == path.string() && same_stamp(before, identity.fingerprint)) {
    identity.same_file = true;
    identity.fingerprint.sha256 = before.sha256;
    return identity;
  }
  // Features that were imported name their slide's bytes by the digest alone.
  const bool may_be_same = identity.stored->path.empty()
                               ? !before.sha256.empty()
                               : before.size_bytes == identity.fingerprint.size_bytes;
  if (may_be_same) {
    CLIPPATH_TRY(identity.fingerprint.sha256, hex_digest_of(path));
    identity.same_file = identity.fingerprint.sha256 == before.sha256;
  }
  if (!identity.same_file && !run.options().replace) {
    return fail(refused_slide(*identity.stored, "'" + path.string() + "'"));
  }
  if (identity.fingerprint.sha256.empty()) identity.digest = digest_beside(run, path);
  return identity;
}

Result<bool> holds_same_bytes(const fs::path& path, const FileFingerprint& stored) {
  CLIPPATH_TRY(const FileFingerprint now, stamp_of(path));
  if (same_stamp(now, stored)) return true;
  if (now.size_bytes != stored.size_bytes) return false;
  CLIPPATH_TRY(const std::string digest, hex_digest_of(path));
  return digest == stored.sha256;
}

Result<FileFingerprint> finish_fingerprint(const SlideIdentity& identity, const fs::path& path) {
  FileFingerprint fingerprint = identity.fingerprint;
  if (identity.digest.valid()) {
    CLIPPATH_TRY(fingerprint.sha256, Result<std::string>(identity.digest.get()));
  }
  CLIPPATH_TRY(const FileFingerprint now, stamp_of(path));
  if (!same_stamp(now, fingerprint)) {
    return fail(ErrorKind::kCorruption,
                "slide '" + path.string() + "' changed while it was read; index it again");
  }
  return fingerprint;
}

bool is_complete(const SlideIdentity& identity, const SlideRecord& record,
                 const std::vector<SeriesRecord>& wanted) {
  if (!still_holds(identity, record) || identity.stored->encoders != record.encoders) return false;
  const auto& stored = identity.stored->series;
  return std::all_of(wanted.begin(), wanted.end(), [&stored](const SeriesRecord& series) {
    return std::any_of(stored.begin(), stored.end(), [&series](const SeriesRecord& other) {
      return other.level0_extent == series.level0_extent &&
             other.pipeline_id == series.pipeline_id && other.regions_id == series.regions_id;
    });
  });
}

bool kept_series_partial(const SlideIdentity& identity, const SlideRecord& record) {
  if (!still_holds(identity, record)) return false;
  const auto& stored = identity.stored->series;
  return std::any_of(stored.begin(), stored.end(), [&record](const SeriesRecord& old) {
    const auto errors = old.tiles.find(std::string(to_string(DropReason::kReadError)));
    return !is_named(record.series, old.level0_extent) && errors != old.tiles.end() &&
           errors->second > 0;
  });
}

Result<void> check_imported(const SlideIdentity& identity, const SlideRecord& record,
                            bool replace) {
  if (replace || !identity.stored || !identity.stored->path.empty()) return {};
  if (still_holds(identity, record)) return {};
  const auto text = [](const std::optional<SlideScale>& scale) {
    return scale ? short_text(scale->mpp.value) + " um a pixel" : std::string("an unknown scale");
  };
  return fail(
      ErrorKind::kFailedPrecondition,
      "patches of '" + record.id.value + "' were imported with " + text(identity.stored->scale) +
          ", and this run has " + text(record.scale) +
          "; give that scale in the column mpp of a manifest, or use --replace to drop them");
}

void empty_stale_series(const SlideIdentity& identity, SlideRecord& record) {
  if (!identity.stored || still_holds(identity, record)) return;
  for (const SeriesRecord& old : identity.stored->series) {
    if (is_named(record.series, old.level0_extent)) continue;
    SeriesRecord emptied;  // without a pipeline: never taken for a finished one
    emptied.level0_extent = old.level0_extent;
    emptied.extent_um = old.extent_um;
    record.series.push_back(std::move(emptied));
  }
}

Result<void> refresh_slide(IndexRun& run, const SlideRecord& stored, SlideRecord record) {
  const auto said = [](const SlideRecord& slide) {
    return std::tie(slide.case_id, slide.path, slide.caption, slide.report_ids, slide.fields,
                    slide.fingerprint, slide.objective);
  };
  if (said(stored) == said(record) && same_scale(stored.scale, record.scale)) return {};
  record.partial = stored.partial;
  record.indexed_at = stored.indexed_at;
  record.series.clear();
  CLIPPATH_TRY(auto writer, run.from_store(run.records().write_slide(record.id, record.encoders)));
  return run.from_store(writer->complete(std::move(record)));
}

}  // namespace clippath
