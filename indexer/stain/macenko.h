// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "clippath/stain.h"
#include "indexer/stain/optical_density.h"

namespace clippath {

/// The two stains as the 1st and 99th percentile of the angles of optical densities within the
/// plane of their largest variance; haematoxylin is the one with more red density. (Macenko et al.,
/// ISBI 2009; constants of StainTools.)
/// @param tissue  at least one pixel.
StainMatrix macenko_matrix(const OpticalDensities& tissue);

}  // namespace clippath
