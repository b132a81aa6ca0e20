// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace clippath {

/// IEEE 754 binary16 of a float32: rounds to nearest, ties to even; too large becomes infinity, a
/// NaN stays one.
std::uint16_t half_from_float(float value);

/// Exact. half_from_float(float_from_half(h)) == h for every h that is not a NaN.
float float_from_half(std::uint16_t half);

}  // namespace clippath
