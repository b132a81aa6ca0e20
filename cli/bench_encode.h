// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "clippath/core/result.h"
#include "clippath/encoder.h"
#include "core/json/json.h"

namespace clippath::cli {

struct BenchEncodeOptions {
  std::filesystem::path model;
  std::filesystem::path texts;  ///< one a line; empty: pictures alone
  int batch = 32;
  int repeats = 20;
  EncoderOptions encoder;
  int threads = 1;
};

/// What an encoder does in a second. Pictures: `threads` batches beside each other, of pictures
/// that have the input's size already; and the tower's own matrix products alone, on as many
/// threads, in turns with them. Texts: one at a time, with one client and with two.
///
/// Checked: the vectors of a batch are those of its pictures alone, and the model's golden
/// embeddings where it has some.
/// Fails: as load_encoder; kInternal if a check fails; kInvalidArgument for a file without a text.
Result<Json> run_bench_encode(const BenchEncodeOptions& options);

}  // namespace clippath::cli
