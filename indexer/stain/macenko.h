// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "clippath/stain.h"

namespace clippath {

/// The two stains as the 1st and 99th percentile of the angles of optical densities within the
/// plane of their largest variance; haematoxylin is the one with more red density. (Macenko et al.,
/// ISBI 2009; constants of StainTools.)
/// @param tissue  `[n, 3]`, n at least 1.
StainMatrix macenko_matrix(std::span<const std::uint8_t> tissue);

}  // namespace clippath
