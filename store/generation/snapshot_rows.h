// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "clippath/core/embedding.h"
#include "clippath/core/result.h"
#include "clippath/generation.h"

namespace clippath {

/// The rows of one collection in the order of an index.
struct CollectionRows {
  std::int64_t rows = 0;
  std::size_t dimension = 0;   ///< 0 where there is no row
  std::uint64_t ids_hash = 0;  ///< IdsHash (generation_manifest.h)
  EmbeddingMatrix vectors;     ///< empty unless asked for
};

enum class KeepVectors { kNo, kYes };

/// Reads slides and patches of the snapshot's encoder, or its reports, anew, in row order, whatever
/// they held before; reports without a vector of this encoder follow. Every vector's checksum is
/// checked, also of those not kept. Fails: kCorruption naming the record if one is damaged, or if
/// vectors of several dimensions stand side by side.
Result<CollectionRows> read_patch_rows(const Records& records, Snapshot& snapshot,
                                       KeepVectors keep);
Result<CollectionRows> read_report_rows(const Records& records, Snapshot& snapshot,
                                        KeepVectors keep);

}  // namespace clippath
