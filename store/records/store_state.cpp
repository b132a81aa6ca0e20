// SPDX-License-Identifier: Apache-2.0
#include "store/records/store_state.h"

#include "store/records/bytes.h"
#include "store/records/keys.h"

namespace clippath {
namespace {

std::string sequence_key(Collection collection) { return generation_key(collection, "seq"); }

}  // namespace

Result<std::uint64_t> read_sequence(const ReadView& view, Collection collection) {
  CLIPPATH_TRY(auto bytes, view.get(Family::kGenerations, sequence_key(collection)));
  if (!bytes) return std::uint64_t{0};
  if (bytes->size() != sizeof(std::uint64_t)) {
    return fail(ErrorKind::kCorruption,
                "sequence of " + std::string(to_string(collection)) + ": is no number");
  }
  return load_little<std::uint64_t>(*bytes);
}

Result<void> advance_sequence(const Database& database, rocksdb::WriteBatch& batch,
                              Collection collection) {
  CLIPPATH_TRY(const std::uint64_t last, read_sequence(ReadView(database), collection));
  std::string bytes;
  append_little(bytes, last + 1);
  database.put(batch, Family::kGenerations, sequence_key(collection), bytes);
  return {};
}

}  // namespace clippath
