// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "clippath/search.h"
#include "core/json/json.h"

namespace clippath {

/// The answer of `POST /v1/search` and `/v1/search/image`.
/// @param snapshot  the one that was searched: hits link to its slides and patches.
Json encode_answer(const SearchAnswer& answer, const Snapshot& snapshot,
                   const std::string& request_id);

/// The answer of `POST /v1/rank`.
Json encode_ranking(const RankAnswer& answer, const Snapshot& snapshot,
                    const std::string& request_id);

/// The answer of `POST /v1/classify`.
Json encode_classes(const ClassifyAnswer& answer, const Snapshot& snapshot,
                    const std::string& request_id);

}  // namespace clippath
