// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "clippath/core/result.h"
#include "clippath/search.h"
#include "clippath/vectors.h"
#include "server/search/field_catalogue.h"
#include "server/search/query_vectors.h"

namespace clippath {

/// The patches that a filter and an exclusion leave, found before any vector is looked at, so that
/// a filter never costs a hit. Fails: kInvalidArgument naming a field that no patch has.
Result<RowSet> allowed_patches(const Snapshot& snapshot, const FieldCatalogue& fields,
                               const Filter& filter, Exclude exclude, const QueryOrigin& origin);

/// The same for reports.
Result<RowSet> allowed_reports(const Snapshot& snapshot, const FieldCatalogue& fields,
                               const Filter& filter, Exclude exclude, const QueryOrigin& origin);

}  // namespace clippath
