// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "clippath/stain.h"

namespace clippath {

/// Whether pixels can be normalised as haematoxylin and eosin at all.
/// @param tissue  RGB of the pixels that are tissue, `[n, 3]`.
/// @param all     pixels of the pictures that it is of.
/// Fails: kFailedPrecondition with less tissue than kLeastStainTissue, or where fewer than
/// kLeastMagenta of it have that colour.
Result<void> check_tissue(const std::vector<std::uint8_t>& tissue, std::size_t all);

/// Whether two stains have been found. Fails: kFailedPrecondition where they are less than 3 or
/// more than 60 degrees apart.
Result<void> check_angle(const StainMatrix& matrix);

/// Whether there is enough of both. Fails: kFailedPrecondition.
Result<void> check_amounts(const StainAmounts& most);

}  // namespace clippath
