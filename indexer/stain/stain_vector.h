// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cmath>

namespace clippath {

/// Optical densities of red, green and blue: a pixel, or a row of a StainMatrix.
using StainVector = std::array<double, 3>;

inline double dot(const StainVector& a, const StainVector& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/// The vector with length 1; zero stays zero.
inline StainVector unit(StainVector v) {
  const double length = std::sqrt(dot(v, v));
  if (length <= 0) return v;
  for (double& value : v) value /= length;
  return v;
}

}  // namespace clippath
