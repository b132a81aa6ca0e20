// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "clippath/core/result.h"

namespace clippath {

/// Candidates by falling score, equal scores by number.
/// @param labels  how many labels belong to them.
/// Fails: kInvalidArgument for no score, another number of labels, or a score that is not a number
/// (it has no place in a ranking).
Result<std::vector<std::size_t>> falling_order(std::span<const double> scores, std::size_t labels);

}  // namespace clippath
