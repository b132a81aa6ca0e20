// SPDX-License-Identifier: Apache-2.0
#include "indexer/stain/concentrations.h"

#include "indexer/stain/stain_vector.h"

namespace clippath {
namespace {

constexpr double kLeastDeterminant = 1e-9;

}  // namespace

TwoStainLasso::TwoStainLasso(const StainMatrix& matrix, double lambda)
    : lambda_(all_lanes(lambda)) {
  for (std::size_t row = 0; row < 2; ++row) {
    for (std::size_t c = 0; c < 3; ++c) m_[row][c] = all_lanes(matrix[row][c]);
  }
  const double g11 = dot(matrix[0], matrix[0]);
  const double g12 = dot(matrix[0], matrix[1]);
  const double g22 = dot(matrix[1], matrix[1]);
  const double determinant = g11 * g22 - g12 * g12;
  const bool regular = determinant >= kLeastDeterminant;
  const double scale = regular ? 1 / determinant : 0;
  r11_ = all_lanes(1 / g11);
  r22_ = all_lanes(1 / g22);
  i11_ = all_lanes(g22 * scale);
  i12_ = all_lanes(-g12 * scale);
  i22_ = all_lanes(g11 * scale);
  regular_ = all_lanes(regular ? 1 : 0) > all_lanes(0);
}

CLIPPATH_FOR_EACH_PROCESSOR std::array<std::vector<double>, 2> concentrations_of(
    const OpticalDensities& densities, const StainMatrix& matrix, double lambda) {
  const TwoStainLasso lasso(matrix, lambda);
  const auto& x = densities.channels;
  std::array<std::vector<double>, 2> amounts{std::vector<double>(x[0].size()),
                                             std::vector<double>(x[0].size())};
  for (std::size_t i = 0; i < x[0].size(); i += kLanes) {
    const auto a = lasso.solve({load_lanes(&x[0][i]), load_lanes(&x[1][i]), load_lanes(&x[2][i])});
    store_lanes(a[0], &amounts[0][i]);
    store_lanes(a[1], &amounts[1][i]);
  }
  return amounts;
}

}  // namespace clippath
