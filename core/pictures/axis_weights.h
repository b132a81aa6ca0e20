// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "clippath/core/resample.h"

namespace clippath {

inline constexpr int kPrecisionBits = 32 - 8 - 2;  // of the integer coefficients, as in Pillow

/// For each output position of one axis: which inputs it is made of, with which weights, in
/// 1 / 2^kPrecisionBits.
struct AxisWeights {
  std::vector<int> first;             ///< per output
  std::vector<int> count;             ///< per output
  std::vector<std::int32_t> weights;  ///< `[outputs, stride]`
  int stride = 0;

  [[nodiscard]] const std::int32_t* of(std::size_t out) const {
    return weights.data() + out * static_cast<std::size_t>(stride);
  }
};

/// @param in_size, out_size  at least 1.
AxisWeights weights_of(int in_size, int out_size, ResampleFilter filter);

}  // namespace clippath
