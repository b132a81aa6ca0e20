// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>

#include "clippath/core/embedding.h"
#include "clippath/core/mutex.h"
#include "clippath/core/on_threads.h"
#include "clippath/core/result.h"

namespace clippath::cli {

// Larger batches gain nothing on a processor and cost memory.
inline constexpr std::size_t kBatch = 8;

/// Runs `encode(begin, end)` over batches of `count` inputs, on several threads beside each other,
/// and puts the rows in order. The first error ends the work.
template <class Encode>
Result<EmbeddingMatrix> in_batches(std::size_t count, std::size_t dimension, int threads,
                                   const Encode& encode) {
  EmbeddingMatrix all = EmbeddingMatrix::zeros(count, dimension);
  Mutex mutex;
  std::optional<Error> error;
  on_threads((count + kBatch - 1) / kBatch, threads, [&](std::size_t batch) {
    const std::size_t begin = batch * kBatch;
    auto rows = encode(begin, std::min(begin + kBatch, count));
    if (!rows) {
      MutexLock lock(mutex);
      if (!error) error = rows.error();
      return false;
    }
    std::copy(rows->values.begin(), rows->values.end(),
              all.values.begin() + static_cast<std::ptrdiff_t>(begin * dimension));
    return true;
  });
  if (error) return fail(std::move(*error));
  return all;
}

}  // namespace clippath::cli
