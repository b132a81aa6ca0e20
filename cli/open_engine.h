// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "clippath/core/result.h"
#include "clippath/data_folder.h"
#include "clippath/encoder.h"
#include "clippath/encoder_queue.h"
#include "clippath/query_engines.h"

namespace clippath::cli {

struct OpenEngineOptions {
  std::filesystem::path data;
  Access access = Access::kRead;
  std::string purpose;  ///< told to another process that wants the folder
  EncoderOptions encoder;
  EncoderQueueOptions encoder_queue{.capacity = 0};  ///< 0: the caller's thread encodes
};

/// A data folder that answers queries with one of its encoders.
struct OpenEngine {
  std::unique_ptr<DataFolder> folder;
  std::shared_ptr<const QueryEngine> engine;
};

/// Opens the folder and loads the snapshot of an encoder, with its model (none in a folder without
/// vectors).
/// @param encoder  id or name; empty: the folder's first.
/// Fails: as DataFolder::open, choose_encoder, load_snapshot and load_encoder.
Result<OpenEngine> open_engine(const OpenEngineOptions& options, const std::string& encoder = {});

/// A data folder that answers queries with all of its encoders.
struct OpenEngines {
  std::unique_ptr<DataFolder> folder;
  std::shared_ptr<const QueryEngines> engines;
};

/// Fails: as open_engine.
Result<OpenEngines> open_engines(const OpenEngineOptions& options);

}  // namespace clippath::cli
