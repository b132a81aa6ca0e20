// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "clippath/core/ids.h"
#include "clippath/core/result.h"
#include "clippath/data_folder.h"
#include "clippath/records.h"
#include "clippath/stain.h"
#include "clippath/vectors.h"

namespace clippath {

/// What is searched: the records of both collections as they stood at one moment, with the indexes
/// of one encoder's vectors; slides that this encoder did not see are left out. Row i of an index
/// is element i of its list; reports without a vector follow those that have one. Rows are ordered
/// by (case, slide, series, y, x), so a slide is one contiguous range. Nothing changes in it after
/// it is made. Immutable: share freely.
struct Snapshot {
  EncoderId encoder;                       ///< whose vectors these are; empty in a new folder
  std::uint64_t generation = 0;            ///< of the patches; 0: made in memory, not on disk
  std::vector<SlideRecord> slides;         ///< in order of (case, slide)
  std::vector<PatchRecord> patches;        ///< row -> patch
  std::vector<std::uint32_t> patch_slide;  ///< row -> index into slides
  std::vector<ReportRecord> reports;       ///< row -> report
  std::unique_ptr<const VectorIndex> patch_vectors;   ///< null while there is no patch
  std::unique_ptr<const VectorIndex> report_vectors;  ///< null while there is no report
  std::optional<StainProfile> stain_target;  ///< what the pictures of the index, and those of
                                             ///< queries, are brought to
  int picture_px = 0;  ///< longest side of a patch picture of the index; 0: nothing is indexed
  std::unordered_map<std::string, std::int64_t> patch_row;  ///< patch id -> row
  /// PatchRecord::picture_hash -> row, where the stains of slides even out their pictures; else
  /// empty, since there a picture says all of itself.
  std::unordered_map<std::uint64_t, std::int64_t> patch_of_picture;
  std::unordered_map<std::string, std::int64_t> report_row;    ///< report id -> row
  std::unordered_map<std::string, std::uint32_t> slide_index;  ///< slide id -> index into slides
  std::vector<std::string> notes;  ///< what was found wrong and mended: "generation 3 of patches:
                                   ///< vectors.faiss has another SHA-256: rebuilt"
};

/// Loads the current generations of an encoder (empty: the folder's first), or makes them anew
/// where they are missing, stale or damaged: with kWrite on disk (a damaged folder moves to
/// quarantine/), with kRead in memory only. Fails: kCorruption if the records themselves are
/// damaged; kUnavailable if they are written meanwhile; kOutOfSpace.
Result<std::shared_ptr<const Snapshot>> load_snapshot(DataFolder& folder, Access access,
                                                      EncoderId encoder = {});

}  // namespace clippath
