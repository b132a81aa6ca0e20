// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "clippath/pipeline.h"
#include "indexer/pipeline/worker_pool.h"

namespace clippath {

/// The threads that read tiles, and what decides about their work. Thread-safe.
struct Readers {
  const IndexOptions& options;
  WorkerPool& pool;
  std::function<bool()> stopping;
};

}  // namespace clippath
