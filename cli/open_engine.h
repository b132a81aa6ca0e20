// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "clippath/core/result.h"
#include "clippath/data_folder.h"
#include "clippath/encoder.h"
#include "clippath/encoder_queue.h"
#include "clippath/search.h"

namespace clippath::cli {

/// A data folder that answers queries.
struct OpenEngine {
  std::unique_ptr<DataFolder> folder;
  std::shared_ptr<const QueryEngine> engine;
};

struct OpenEngineOptions {
  std::filesystem::path data;
  Access access = Access::kRead;
  std::string purpose;  ///< told to another process that wants the folder
  EncoderOptions encoder;
  EncoderQueueOptions encoder_queue{.capacity = 0};  ///< 0: the caller's thread encodes
};

/// Opens the folder, loads its snapshot and its first encoder (none in a folder without vectors).
/// Fails: as DataFolder::open, load_snapshot and load_encoder.
Result<OpenEngine> open_engine(const OpenEngineOptions& options);

}  // namespace clippath::cli
