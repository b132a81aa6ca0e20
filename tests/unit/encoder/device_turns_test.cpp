// SPDX-License-Identifier: Apache-2.0
#include "encoder/runtime/device_turns.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

namespace clippath {
namespace {

using namespace std::chrono_literals;

/// The most calls beside each other of eight threads with 20 calls each.
int most_beside(const DeviceTurns& turns) {
  std::atomic<int> beside = 0;
  std::atomic<int> most = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int call = 0; call < 20; ++call) {
        turns.take([&] {
          const int now = ++beside;
          int seen = most;
          while (seen < now && !most.compare_exchange_weak(seen, now)) {
          }
          std::this_thread::sleep_for(1ms);
          return --beside;
        });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return most;
}

TEST(DeviceTurns, LetTwoCallsUseAGpu) { EXPECT_EQ(most_beside(DeviceTurns(false)), 2); }

TEST(DeviceTurns, LetAllCallsUseTheProcessor) { EXPECT_GT(most_beside(DeviceTurns(true)), 2); }

TEST(DeviceTurns, AreGivenBackByWorkThatThrows) {
  const DeviceTurns turns(false);
  for (int i = 0; i < 3; ++i) {
    EXPECT_THROW(turns.take([]() -> int { throw std::runtime_error("no memory"); }),
                 std::runtime_error);
  }
  EXPECT_EQ(turns.take([] { return 7; }), 7);
}

}  // namespace
}  // namespace clippath
