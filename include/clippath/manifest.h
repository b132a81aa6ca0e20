// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "clippath/core/fields.h"
#include "clippath/core/geometry.h"
#include "clippath/core/ids.h"
#include "clippath/core/result.h"
#include "clippath/records.h"

namespace clippath {

/// One slide to index, as the user named it.
struct SlideInput {
  SlideId id;
  CaseId case_id;
  std::filesystem::path path;          ///< absolute
  std::optional<MicronsPerPixel> mpp;  ///< the manifest's own: wins over the file's
  std::string caption;
  std::vector<ReportId> report_ids;
  Fields fields;
  std::filesystem::path roi;  ///< file of its regions, absolute; empty: all of the slide
  std::string fault;          ///< why it cannot be indexed, known before it is opened; else empty
  friend bool operator==(const SlideInput&, const SlideInput&) = default;
};

enum class IdFrom {
  kStem,
  kPath
};  ///< slide id: the file name's stem, or the whole path below the given folder

/// One ready-made patch of a patch table.
struct PatchInput {
  std::filesystem::path file;  ///< absolute
  PatchId id;
  std::optional<Level0Rect> rect;
  double extent_um = 0;  ///< level0_extent * mpp; 0 where one is unknown
  std::string caption;
  Fields fields;
};

/// The ready-made patches of one slide.
struct PatchTableSlide {
  SlideId id;
  CaseId case_id;
  std::optional<SlideScale> scale;  ///< of the slide's level 0
  std::string caption;
  Fields fields;
  std::vector<PatchInput> patches;  ///< in the order of the table
};

/// What to do with a slide whose scale is unknown.
struct MissingMpp {
  enum class Policy { kError, kSkip, kDefault };
  Policy policy = Policy::kError;
  MicronsPerPixel assumed;  ///< for kDefault
};

/// Expands files, folders (recursively; the extensions that OpenSlide knows) and CSV manifests
/// (columns slide, path, case, caption, report_id, mpp, roi; further ones become fields; paths
/// relative to the manifest) to slides, in order of id. What is given twice is taken once. A folder
/// within a folder that cannot be read, and different slides of one id, become a slide with a
/// fault, which costs nothing else; so does a manifest's missing slide file, once it is opened.
/// Fails: kInvalidArgument naming line and column: no slide at all, an id over 128 bytes, an mpp
/// out of [0.05, 20]; kNotFound for an input that does not exist or cannot be read.
Result<std::vector<SlideInput>> collect_slides(const std::vector<std::filesystem::path>& inputs,
                                               IdFrom id_from);

/// Reads a patch table (columns file, slide, case, caption, level0_x | x, level0_y | y,
/// level0_extent | extent, mpp, mpp_used; further ones become fields of the patch) and, where
/// given, a table of slides joined on `slide` (case, caption; further ones become fields of the
/// slide). `mpp` is that of the slide's level 0; empty or "unknown": `mpp_used` where present
/// (source assumed), else the policy. Slides in order of id. Fails: kInvalidArgument naming line
/// and column; kNotFound.
Result<std::vector<PatchTableSlide>> read_patch_table(
    const std::filesystem::path& patches, const std::optional<std::filesystem::path>& slides,
    const MissingMpp& missing_mpp);

}  // namespace clippath
