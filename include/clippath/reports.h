// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "clippath/core/result.h"
#include "clippath/records.h"

namespace clippath {

struct RejectedReport {
  std::string where;  ///< "reports.csv line 7"
  std::string reason;
};

struct ReportTable {
  std::vector<ReportRecord> reports;
  std::vector<RejectedReport> rejected;  ///< one bad row costs one row
};

/// Reads reports of one file by its extension: `.csv` (columns id, case, slide, text, caption;
/// further ones become fields), `.jsonl` (the same keys, one object a line), `.txt` (one report; id
/// and case are the file's stem). Only `text` is required; `id` defaults to the file's stem (one
/// report) or is required; `case` defaults to the slide's id, else the 12-character TCGA barcode
/// that the id begins with, else the id. Control bytes are stripped from the text; at most 1 MiB of
/// it. Fails: kNotFound; kUnsupported for another extension; kInvalidArgument if the file as a
/// whole cannot be read.
Result<ReportTable> read_reports(const std::filesystem::path& path);

}  // namespace clippath
