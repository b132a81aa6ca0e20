// SPDX-License-Identifier: Apache-2.0
#include "indexer/stain/dictionary.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "indexer/stain/concentrations.h"
#include "indexer/stain/stain_vector.h"

namespace clippath {
namespace {

constexpr double kEnough = 1e-7;
constexpr int kMostSweeps = 500;
// The updates of the rows cost nothing beside the pass over the pixels.
constexpr int kRowUpdates = 8;

/// What a pass over the pixels leaves: all that the objective and the updates need.
struct Sums {
  double n = 0;
  double xx = 0;                     ///< sum |x|^2
  double a1 = 0, a2 = 0;             ///< sum a
  double a11 = 0, a12 = 0, a22 = 0;  ///< sum a a^T
  std::array<StainVector, 2> ax{};   ///< sum a_j x
};

CLIPPATH_FOR_EACH_PROCESSOR Sums pass_over(const OpticalDensities& x, const StainMatrix& matrix) {
  const TwoStainLasso lasso(matrix, kDictionaryLambda);
  Lanes xx{}, a1{}, a2{}, a11{}, a12{}, a22{};
  std::array<std::array<Lanes, 3>, 2> ax{};
  for (std::size_t i = 0; i < x.channels[0].size(); i += kLanes) {
    // Lanes that only fill the end up are densities of 0, whose amounts are 0.
    const std::array<Lanes, 3> v{load_lanes(&x.channels[0][i]), load_lanes(&x.channels[1][i]),
                                 load_lanes(&x.channels[2][i])};
    const std::array<Lanes, 2> a = lasso.solve(v);
    xx += v[0] * v[0] + v[1] * v[1] + v[2] * v[2];
    a1 += a[0];
    a2 += a[1];
    a11 += a[0] * a[0];
    a12 += a[0] * a[1];
    a22 += a[1] * a[1];
    for (std::size_t c = 0; c < 3; ++c) {
      ax[0][c] += a[0] * v[c];
      ax[1][c] += a[1] * v[c];
    }
  }
  Sums sums{static_cast<double>(x.count),
            sum_of(xx),
            sum_of(a1),
            sum_of(a2),
            sum_of(a11),
            sum_of(a12),
            sum_of(a22),
            {}};
  for (std::size_t j = 0; j < 2; ++j) {
    for (std::size_t c = 0; c < 3; ++c) sums.ax[j][c] = sum_of(ax[j][c]);
  }
  return sums;
}

double objective_of(const Sums& s, const StainMatrix& m) {
  const double fitted = dot(s.ax[0], m[0]) + dot(s.ax[1], m[1]);
  const double squares =
      s.a11 * dot(m[0], m[0]) + 2 * s.a12 * dot(m[0], m[1]) + s.a22 * dot(m[1], m[1]);
  return (0.5 * (s.xx - 2 * fitted + squares) + kDictionaryLambda * (s.a1 + s.a2)) / s.n;
}

void update_row(std::size_t j, const Sums& s, StainMatrix& m) {
  const double own = j == 0 ? s.a11 : s.a22;
  if (own <= 0) return;  // no pixel uses this stain
  const StainVector& other = m[1 - j];
  for (std::size_t c = 0; c < 3; ++c) {
    m[j][c] = std::max(0.0, (s.ax[j][c] - s.a12 * other[c]) / own);
  }
  const double shrink = std::max(1.0, std::sqrt(dot(m[j], m[j])));
  for (double& value : m[j]) value /= shrink;
}

}  // namespace

double dictionary_objective(const OpticalDensities& x, const StainMatrix& matrix) {
  return objective_of(pass_over(x, matrix), matrix);
}

DictionaryFit fit_dictionary(const OpticalDensities& x, const StainMatrix& start) {
  DictionaryFit fit{start, 0, 0};
  Sums sums = pass_over(x, fit.matrix);
  fit.objective = objective_of(sums, fit.matrix);
  while (fit.iterations < kMostSweeps) {
    ++fit.iterations;
    for (int update = 0; update < kRowUpdates; ++update) {
      update_row(0, sums, fit.matrix);
      update_row(1, sums, fit.matrix);
    }
    sums = pass_over(x, fit.matrix);
    const double before = std::exchange(fit.objective, objective_of(sums, fit.matrix));
    if (before - fit.objective < kEnough * before) break;
  }
  if (fit.matrix[0][0] < fit.matrix[1][0]) std::swap(fit.matrix[0], fit.matrix[1]);
  for (StainVector& row : fit.matrix) row = unit(row);
  return fit;
}

}  // namespace clippath
