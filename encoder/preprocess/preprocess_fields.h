// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>

#include "clippath/core/resample.h"
#include "core/json/json.h"

namespace clippath {

inline constexpr int kMaxSide = 4096;  ///< pixels of what a model takes

void reject_unsupported(ObjectReader& reader, const char* key, const std::string& message);

/// Three numbers, which must be there. @param divisor  they must be above 0.
std::array<double, 3> read_three(ObjectReader& reader, const char* key, bool divisor);

/// "bicubic", "bilinear" or "lanczos"; bicubic if the key is missing.
ResampleFilter read_filter_name(ObjectReader& reader, const char* key);

}  // namespace clippath
