// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace clippath {

/// The q-th percentile with linear interpolation between the two nearest values (numpy's default).
/// Reorders `values`, of which there is at least one.
/// @param q  0..100.
double percentile(std::span<double> values, double q);

/// As many numbers as tell where a percentile lies to within some tenths of a percent of the ranks.
inline constexpr std::size_t kRankSample = 1'000;

/// A percentile of numbers that are never held together: near their least or their greatest, so
/// that those beyond a bound are few enough to keep. Exact, or nothing where it lies within the
/// bound.
class TailPercentile {
 public:
  /// Keeps all numbers.
  /// @param q  0..100; under 50 the tail is that of the least.
  explicit TailPercentile(double q);
  /// Keeps those beyond the percentile of the sample that lies 1 nearer to the median.
  /// @param sample  at least one of the numbers, about kRankSample; reordered.
  TailPercentile(double q, std::span<double> sample);

  void add(std::span<const double> values);
  /// Of what was added. Requires: at least one number.
  [[nodiscard]] std::optional<double> value();

 private:
  void keep(std::span<const double> values);

  double q_;
  double sign_;   ///< -1 where the tail is that of the least
  double bound_;  ///< times the sign
  std::size_t total_ = 0;
  std::vector<double> kept_;
};

/// Percentiles of two rows of numbers that `pass` makes anew whenever it is called.
/// @param samples  of both rows; reordered.
/// @param pass     adds all numbers of row j to the tail j; called once, or twice where a sample
/// misleads.
template <class Pass>
std::array<double, 2> two_percentiles(const std::array<double, 2>& q,
                                      std::array<std::vector<double>, 2>& samples,
                                      const Pass& pass) {
  std::array tails{TailPercentile(q[0], samples[0]), TailPercentile(q[1], samples[1])};
  pass(tails);
  std::array found{tails[0].value(), tails[1].value()};
  if (!found[0] || !found[1]) {
    tails = {TailPercentile(q[0]), TailPercentile(q[1])};
    pass(tails);
    found = {tails[0].value(), tails[1].value()};
  }
  return {*found[0], *found[1]};
}

}  // namespace clippath
