// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

#include "clippath/core/result.h"
#include "core/json/json.h"

namespace clippath::cli {

struct BenchStainOptions {
  std::vector<std::filesystem::path> inputs;
  std::filesystem::path target;
  int side_px = 299;
  int repeats = 20;
};

/// Fits and normalises pictures on one core with each method, and gives pictures a second. Checked
/// every time: a second run gives the same bytes. (That the fits are right is for the golden
/// tests.) Fails: as read_picture and fit_stain; kInternal if a check fails.
Result<Json> run_bench_stain(const BenchStainOptions& options);

}  // namespace clippath::cli
