// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "clippath/feature_file.h"
#include "worker/client/worker_process.h"

namespace clippath::worker {

/// Reads a features file in a worker of its own, which ends with this call.
/// Fails: as read_feature_file; kCorruption if the worker died of it or took too long.
Result<FeatureFile> read_isolated_features(const WorkerSpec& spec,
                                           const std::filesystem::path& path);

}  // namespace clippath::worker
