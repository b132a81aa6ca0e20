// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>

#include "clippath/core/embedding.h"
#include "clippath/core/mutex.h"
#include "clippath/core/on_threads.h"
#include "clippath/core/result.h"
#include "clippath/encoder.h"

namespace clippath::cli {

// Larger batches gain nothing on a processor and cost memory.
inline constexpr std::size_t kBatch = 8;

/// Rows to be made, and of how many inputs at a time.
struct RowsInBatches {
  std::size_t count = 0;
  std::size_t dimension = 0;
  std::size_t at_once = kBatch;
};

/// Vectors of `count` inputs by an encoder.
inline RowsInBatches vectors_by(const Encoder& encoder, std::size_t count) {
  const EncoderInfo& info = encoder.info();
  return {count, info.dimension, std::max(kBatch, info.batches.size)};
}

/// Runs `encode(begin, end)` over batches of inputs, on several threads beside each other, and puts
/// the rows in order. The first error ends the work.
template <class Encode>
Result<EmbeddingMatrix> in_batches(const RowsInBatches& wanted, int threads, const Encode& encode) {
  const std::size_t count = wanted.count;
  const std::size_t at_once = wanted.at_once;
  EmbeddingMatrix all = EmbeddingMatrix::zeros(count, wanted.dimension);
  Mutex mutex;
  std::optional<Error> error;
  on_threads((count + at_once - 1) / at_once, threads, [&](std::size_t batch) {
    const std::size_t begin = batch * at_once;
    auto rows = encode(begin, std::min(begin + at_once, count));
    if (!rows) {
      MutexLock lock(mutex);
      if (!error) error = rows.error();
      return false;
    }
    std::copy(rows->values.begin(), rows->values.end(),
              all.values.begin() + static_cast<std::ptrdiff_t>(begin * wanted.dimension));
    return true;
  });
  if (error) return fail(std::move(*error));
  return all;
}

}  // namespace clippath::cli
