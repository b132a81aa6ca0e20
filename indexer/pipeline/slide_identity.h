// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <future>
#include <optional>
#include <vector>

#include "clippath/records.h"
#include "indexer/pipeline/index_run.h"

namespace clippath {

/// How a slide on disk relates to the stored one of the same id.
struct SlideIdentity {
  std::optional<SlideRecord> stored;
  bool same_file = false;       ///< the stored slide was made from these bytes
  FileFingerprint fingerprint;  ///< without sha256 while `digest` still computes it
  std::shared_future<Result<std::string>> digest;  ///< valid where the bytes had to be read anew
};

/// Compares by size and time where the stored slide has this very path, else by SHA-256. Where
/// nothing depends on the digest yet it is computed on a reader thread, beside the work on the
/// slide.
/// Fails: kNotFound; kFailedPrecondition if the id stands for other bytes and `replace` is not set,
/// naming both files.
Result<SlideIdentity> identify_slide(IndexRun& run, const SlideId& id,
                                     const std::filesystem::path& path);

/// Whether a file still holds the bytes of a stored fingerprint: by size and time where they say
/// enough, else by SHA-256. Fails: kNotFound, kInternal.
Result<bool> holds_same_bytes(const std::filesystem::path& path, const FileFingerprint& stored);

/// The fingerprint with its digest, after a check that the file did not change meanwhile.
/// Fails: kCorruption if it did.
Result<FileFingerprint> finish_fingerprint(const SlideIdentity& identity,
                                           const std::filesystem::path& path);

/// The refusal of an id that stands for other bytes, naming both.
Error refused_slide(const SlideRecord& stored, const std::string& now);

/// True if every series that is wanted is stored with the same settings, from the same bytes, at
/// the scale and by the encoders of `record`.
bool is_complete(const SlideIdentity& identity, const SlideRecord& record,
                 const std::vector<SeriesRecord>& wanted);

/// True if a tile of the stored series that stay beside those of `record` could not be read.
bool kept_series_partial(const SlideIdentity& identity, const SlideRecord& record);

/// Whether a run may lay its series beside what is stored of the slide. Fails: kFailedPrecondition
/// where those have no file that they could be made from again (they were imported), and would be
/// emptied for being of another scale.
Result<void> check_imported(const SlideIdentity& identity, const SlideRecord& record, bool replace);

/// Names the stored series that were made from other bytes, or at another scale, in `record`, so
/// that they are emptied. All others stay beside the new ones.
void empty_stale_series(const SlideIdentity& identity, SlideRecord& record);

/// Stores what the manifest says of a slide anew, where it says something else; patches stay.
Result<void> refresh_slide(IndexRun& run, const SlideRecord& stored, SlideRecord record);

}  // namespace clippath
