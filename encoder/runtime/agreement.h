// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>

#include "clippath/core/embedding.h"

namespace clippath {

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

  /// Of both. NaN if one is: it must not be lost in the smaller of two.
  [[nodiscard]] double least_cosine() const {
    double least = 1;
    for (const auto& tower : {images, texts}) {
      if (tower && !(tower->least_cosine >= least)) least = tower->least_cosine;
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
      agreement.largest_difference = std::max(agreement.largest_difference, std::abs(one - other));
    }
    if (!(cosine >= agreement.least_cosine)) agreement.least_cosine = cosine;
  }
  return agreement;
}

}  // namespace clippath
