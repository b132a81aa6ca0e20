// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

namespace clippath::cli {

/// Does the work and adds the seconds that it took.
template <class Work>
decltype(auto) timed(double& seconds, const Work& work) {
  using Clock = std::chrono::steady_clock;
  struct AddAtEnd {
    double& seconds;
    const Clock::time_point start = Clock::now();
    ~AddAtEnd() { seconds += std::chrono::duration<double>(Clock::now() - start).count(); }
  };
  const AddAtEnd clock{seconds};
  return work();
}

/// Linear between the two nearest ranks. Requires: at least one value.
/// @param share  0..1; 0.5 is the median
inline double percentile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  const double place = share * static_cast<double>(values.size() - 1);
  const auto low = static_cast<std::size_t>(place);
  const std::size_t high = std::min(low + 1, values.size() - 1);
  return values[low] + (values[high] - values[low]) * (place - static_cast<double>(low));
}

}  // namespace clippath::cli
