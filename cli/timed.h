// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

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

}  // namespace clippath::cli
