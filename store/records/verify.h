// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "clippath/core/result.h"
#include "store/records/database.h"

namespace clippath {

/// Reads every record, checks every checksum and that ids, records, vectors and counts agree.
/// @return  what is wrong, one line each, at most 1,000; empty when all is well.
/// Fails: only where the database cannot be read at all.
Result<std::vector<std::string>> verify_records(const Database& database);

}  // namespace clippath
