// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

#include "cli/index_tissue_options.h"
#include "clippath/core/result.h"
#include "core/json/json.h"

namespace clippath::cli {

struct BenchTissueOptions {
  std::vector<std::filesystem::path> inputs;
  TissueOptions rules;
};

/// Judges pictures as an index run judges the tiles that it read (without the mask of a slide), and
/// gives the reason of each and the time on one core, decoding left out. Checked every time: a
/// second look gives the same reason.
/// Fails: as settle_tissue and read_picture; kInternal if the check fails.
Result<Json> run_bench_tissue(const BenchTissueOptions& options);

}  // namespace clippath::cli
