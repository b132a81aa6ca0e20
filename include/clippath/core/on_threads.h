// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace clippath {

/// Calls `work(i)` for i = 0 .. count - 1 on up to `threads` threads beside each other, and returns
/// when all are done. `work` must not throw; when it returns false, no further index is begun.
template <class Work>
void on_threads(std::size_t count, int threads, const Work& work) {
  std::atomic<std::size_t> next = 0;
  const auto take_turns = [&] {
    for (std::size_t i = next++; i < count; i = next++) {
      if (!work(i)) next = count;
    }
  };
  std::vector<std::thread> workers;
  const std::size_t wanted = std::min(static_cast<std::size_t>(std::max(threads, 1)), count);
  for (std::size_t i = 0; i < wanted; ++i) workers.emplace_back(take_turns);
  for (std::thread& worker : workers) worker.join();
}

}  // namespace clippath
