// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "clippath/core/ids.h"
#include "clippath/core/result.h"
#include "store/records/database.h"

namespace clippath {

/// A series of a slide has the ordinals of whole blocks for itself, so that a new one is written
/// beside the one it will replace. More tiles than a slide of 2^18 pixels a side has at 64 pixels a
/// tile. Do not change the value: on disk.
inline constexpr std::uint32_t kOrdinalsPerBlock = 1U << 24U;
inline constexpr std::uint32_t kBlocks = 256;

/// Which rows nobody may see: those of a slide being written, or of a series that was replaced.
///
/// It stands in the jobs family from the first row on and is removed with the last one, so whatever
/// stops the process, the next one that opens the store for writing knows what to remove.
struct IngestMark {
  std::uint64_t job = 0;  ///< its key
  SlideId slide;
  std::uint64_t slide_number = 0;
  std::vector<std::uint32_t> blocks;  ///< of kOrdinalsPerBlock ordinals each
};

void put_mark(const Database& database, rocksdb::WriteBatch& batch, const IngestMark& mark);
void erase_mark(const Database& database, rocksdb::WriteBatch& batch, const IngestMark& mark);

/// Fails: kCorruption.
Result<std::vector<IngestMark>> read_marks(const ReadView& view);

/// Removes the rows that the mark names, then the mark.
Result<void> remove_marked_rows(Database& database, const IngestMark& mark);

}  // namespace clippath
