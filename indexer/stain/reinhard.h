// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "clippath/stain.h"

namespace clippath {

/// Mean and population deviation of each LAB channel over all pixels. (Reinhard et al., IEEE
/// CG&A 21(5), 2001, in OpenCV's 8-bit LAB.)
StainProfile measure_reinhard(std::span<const RgbImage> pictures);

/// (x - mean) * deviation_target / deviation + mean_target in every channel, clipped and truncated;
/// a channel without spread keeps its own.
RgbImage apply_reinhard(const RgbImage& picture, const StainProfile& source,
                        const StainProfile& target);

}  // namespace clippath
