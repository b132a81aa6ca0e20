// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "clippath/core/embedding.h"
#include "store/records/codec.h"
#include "store/records/database.h"
#include "store/records/keys.h"

namespace clippath {

/// Puts the vectors of a record, one for each encoder, in their order.
void put_vectors(const Database& database, rocksdb::WriteBatch& batch, const RecordKey& key,
                 const std::vector<EncoderBytes>& encoders, const std::vector<Embedding>& vectors);

/// Erases all vectors of a record, whichever encoders made them.
Result<void> erase_vectors(const Database& database, const ReadView& view,
                           rocksdb::WriteBatch& batch, const RecordKey& key);

}  // namespace clippath
