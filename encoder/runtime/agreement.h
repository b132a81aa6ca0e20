// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <optional>

#include "clippath/core/embedding.h"

namespace clippath {

// NaN must not be lost in the smaller or larger of two: once there, it stays.
inline void lower(double& least, double value) {
  if (value < least || std::isnan(value)) least = value;
}
inline void raise(double& largest, double value) {
  if (value > largest || std::isnan(value)) largest = value;
}

/// How far vectors lie from those that they should be. NaN where one of them is not finite.
struct Agreement {
  double least_cosine = 1;
  double largest_difference = 0;  ///< of one component of two unit vectors

  /// False for NaN, too.
  [[nodiscard]] bool within(double tolerance) const { return least_cosine >= 1 - tolerance; }
};

/// Of the towers that were compared.
struct TowerAgreement {
  std::optional<Agreement> images;
  std::optional<Agreement> texts;

  [[nodiscard]] double least_cosine() const {
    double least = 1;
    for (const auto& tower : {images, texts}) {
      if (tower) lower(least, tower->least_cosine);
    }
    return least;
  }
};

/// Compares rows of unit length. Requires: one shape.
inline Agreement agreement_of(const EmbeddingMatrix& a, const EmbeddingMatrix& b) {
  CLIPPATH_CHECK(a.rows == b.rows && a.dimension == b.dimension);
  Agreement agreement;
  for (std::size_t i = 0; i < a.rows; ++i) {
    double cosine = 0;
    for (std::size_t d = 0; d < a.dimension; ++d) {
      const double one = a.row(i)[d];
      const double other = b.row(i)[d];
      cosine += one * other;
      raise(agreement.largest_difference, std::abs(one - other));
    }
    lower(agreement.least_cosine, cosine);
  }
  return agreement;
}

}  // namespace clippath
