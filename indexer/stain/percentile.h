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

/// A percentile of numbers that are never held together: those within a window around it are kept,
/// those below are counted. Exact, or nothing where it lies outside of the window.
class PercentileWindow {
 public:
  /// All numbers are within.
  explicit PercentileWindow(double q);
  /// From the percentile q - 1 to q + 1 of the sample, without a bound where that is none.
  /// @param sample  at least one of the numbers, about kRankSample; reordered.
  PercentileWindow(double q, std::span<double> sample);

  void add(std::span<const double> values);
  /// Of what was added. Requires: at least one number.
  [[nodiscard]] std::optional<double> value();

 private:
  void keep(std::span<const double> values);

  double q_;
  double low_;
  double high_;
  std::size_t total_ = 0;
  std::size_t below_ = 0;
  std::vector<double> kept_;
};

/// Percentiles of two rows of numbers that `pass` makes anew whenever it is called.
/// @param samples  of both rows; reordered.
/// @param pass     adds all numbers of row j to the window j; called once, or twice where a sample
/// misleads.
template <class Pass>
std::array<double, 2> two_percentiles(const std::array<double, 2>& q,
                                      std::array<std::vector<double>, 2>& samples,
                                      const Pass& pass) {
  std::array windows{PercentileWindow(q[0], samples[0]), PercentileWindow(q[1], samples[1])};
  pass(windows);
  std::array found{windows[0].value(), windows[1].value()};
  if (!found[0] || !found[1]) {
    windows = {PercentileWindow(q[0]), PercentileWindow(q[1])};
    pass(windows);
    found = {windows[0].value(), windows[1].value()};
  }
  return {*found[0], *found[1]};
}

}  // namespace clippath
