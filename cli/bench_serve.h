// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>

#include "clippath/core/result.h"
#include "clippath/encoder.h"
#include "core/json/json.h"

namespace clippath::cli {

struct BenchServeOptions {
  std::filesystem::path data;
  int queries = 1000;
  int clients = 1;
  std::int64_t k = 10;
  std::filesystem::path paraphrases;  ///< empty: speed only
  DtypeChoice dtype = DtypeChoice::kAuto;
  int threads = 1;
};

/// Starts a server over the folder on a free port and asks it `queries` distinct texts over HTTP.
/// Every answer is compared with a plain scan over the stored vectors. Fails: kInternal if an
/// answer differs from the scan, naming the text; what opening the folder fails with.
Result<Json> run_bench_serve(const BenchServeOptions& options);

}  // namespace clippath::cli
