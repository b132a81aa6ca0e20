// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <filesystem>

#include "cli/index_tissue_options.h"
#include "clippath/core/result.h"
#include "clippath/encoder.h"
#include "core/json/json.h"

namespace clippath::cli {

struct BenchIndexOptions {
  std::filesystem::path slide;
  std::filesystem::path model;
  double level0_px = 256;
  TissueOptions rules;
  int repeats = 3;
  EncoderOptions encoder;
  int threads = 1;
};

/// How near an index run comes to the two parts of it that cannot be left out. In turns, `repeats`
/// times each, with `threads` threads: indexes the slide into a scratch folder, from its opening to
/// its last row; reads the regions of the patches that this kept; encodes their pictures. Loading
/// the model is in none of them. The bound is 1 / (1 / decoded + 1 / encoded) patches a second:
/// both parts at their best, and nothing else.
///
/// Checked every time: the vectors made apart and those of the index have a cosine of kSameVector.
/// Fails: as load_encoder and the slide's opening; kFailedPrecondition for a slide without patches;
/// kInternal if the check fails; kUnavailable when stopped.
Result<Json> run_bench_index(BenchIndexOptions options, const std::atomic<bool>& stop);

}  // namespace clippath::cli
