// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

namespace clippath::cli {

/// Does the work and adds the seconds that it took.
template <class Work>
auto timed(double& seconds, const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  auto result = work();
  seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace clippath::cli
