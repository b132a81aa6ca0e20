// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

#include "clippath/core/each_processor.h"

namespace clippath {

/// Four doubles that one instruction works on where the processor can. Each lane does what a scalar
/// would, in the same order on every machine, so sums are the same bytes everywhere.
using Lanes = double __attribute__((vector_size(32)));

inline constexpr std::size_t kLanes = 4;

/// What a comparison of lanes gives: all bits of a lane, or none.
using Mask = decltype(Lanes{} < Lanes{});

CLIPPATH_INLINE_LANES Lanes load_lanes(const double* from) {
  Lanes lanes;
  std::memcpy(&lanes, from, sizeof lanes);
  return lanes;
}

CLIPPATH_INLINE_LANES void store_lanes(Lanes lanes, double* to) {
  std::memcpy(to, &lanes, sizeof lanes);
}

CLIPPATH_INLINE_LANES Lanes all_lanes(double value) { return Lanes{value, value, value, value}; }

CLIPPATH_INLINE_LANES Lanes positive_part(Lanes x) { return x > all_lanes(0) ? x : all_lanes(0); }

CLIPPATH_INLINE_LANES Lanes absolute(Lanes x) {
  constexpr std::int64_t kAllButSign = std::numeric_limits<std::int64_t>::max();
  // Not std::bit_cast, which debug builds do not inline.
  return __builtin_bit_cast(Lanes, __builtin_bit_cast(Mask, x) & kAllButSign);
}

CLIPPATH_INLINE_LANES double sum_of(Lanes x) { return (x[0] + x[1]) + (x[2] + x[3]); }

}  // namespace clippath
