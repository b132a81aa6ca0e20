// SPDX-License-Identifier: Apache-2.0
#include "store/records/vector_rows.h"

#include "clippath/core/check.h"

namespace clippath {

void put_vectors(const Database& database, rocksdb::WriteBatch& batch, const RecordKey& key,
                 const std::vector<EncoderBytes>& encoders, const std::vector<Embedding>& vectors) {
  CLIPPATH_CHECK(encoders.size() == vectors.size());
  for (std::size_t i = 0; i < encoders.size(); ++i) {
    const std::string name = vector_key(key, i);
    database.put(batch, Family::kVectors, name, encode_vector(name, encoders[i], vectors[i]));
  }
}

Result<void> erase_vectors(const Database& database, const ReadView& view,
                           rocksdb::WriteBatch& batch, const RecordKey& key) {
  return each_with_prefix(view, Family::kVectors, encode_key(key),
                          [&](std::string_view name, std::string_view) -> Result<void> {
                            database.erase(batch, Family::kVectors, name);
                            return {};
                          });
}

}  // namespace clippath
