// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "clippath/slide.h"

namespace clippath {

/// The value of a slide's property; empty where the slide does not have it.
using PropertyLookup = std::function<std::optional<std::string>(const std::string& name)>;

/// A property that is one positive, finite number.
std::optional<double> number_property(const PropertyLookup& property, const std::string& name);

/// Physical pixel size by the rules 2..5 of the mpp policy: OpenSlide's own property, then the
/// vendor's keys, the TIFF resolution, the objective. The first value in [0.05, 20] um wins.
/// @param level0    size of level 0, for vendors that state the width of the whole scan.
/// @param warnings  gets one line for each value that was out of range, for axes that differ by
///                  more than 2 %, and where the objective says something else.
std::optional<SlideScale> find_scale(const PropertyLookup& property, PixelSize level0,
                                     std::vector<std::string>& warnings);

}  // namespace clippath
