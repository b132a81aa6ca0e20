// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "clippath/core/check.h"

namespace clippath {

/// One vector of an encoder. Unit length unless a name says otherwise.
using Embedding = std::vector<float>;

/// Vectors of one encoder, `[rows, dimension]`, float32, row-major.
struct EmbeddingMatrix {
  std::size_t rows = 0;
  std::size_t dimension = 0;
  std::vector<float> values;

  static EmbeddingMatrix zeros(std::size_t rows, std::size_t dimension) {
    return {rows, dimension, std::vector<float>(rows * dimension)};
  }
  [[nodiscard]] std::span<const float> row(std::size_t i) const {
    CLIPPATH_CHECK(i < rows);
    return {values.data() + i * dimension, dimension};
  }
  std::span<float> row(std::size_t i) {
    CLIPPATH_CHECK(i < rows);
    return {values.data() + i * dimension, dimension};
  }
};

/// Inner product, which is the cosine for unit vectors. Both spans have the same length.
inline float dot(std::span<const float> a, std::span<const float> b) {
  CLIPPATH_CHECK(a.size() == b.size());
  float sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// Scales a vector to unit length in place. False, and the vector unchanged, when it has no
/// direction: zero or not finite.
inline bool normalize(std::span<float> vector) {
  double squared = 0;
  for (float v : vector) squared += static_cast<double>(v) * v;
  if (!std::isfinite(squared) || squared < 1e-24) return false;
  const auto scale = static_cast<float>(1.0 / std::sqrt(squared));
  for (float& v : vector) v *= scale;
  return true;
}

}  // namespace clippath
