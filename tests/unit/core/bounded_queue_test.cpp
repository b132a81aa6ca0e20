// SPDX-License-Identifier: Apache-2.0
#include "clippath/core/bounded_queue.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

namespace clippath {
namespace {

TEST(BoundedQueue, RefusesWhatDoesNotFit) {
  BoundedQueue<int> queue(2);
  EXPECT_TRUE(queue.try_push(1));
  EXPECT_TRUE(queue.try_push(2));
  EXPECT_FALSE(queue.try_push(3));
  EXPECT_EQ(queue.pop(), 1);
  EXPECT_TRUE(queue.try_push(3));
}

TEST(BoundedQueue, GivesOutWhatWaitsAfterClosing) {
  BoundedQueue<std::unique_ptr<int>> queue(2);
  queue.push(std::make_unique<int>(7));
  queue.close();
  EXPECT_FALSE(queue.push(std::make_unique<int>(8)));
  EXPECT_EQ(**queue.pop(), 7);
  EXPECT_FALSE(queue.pop().has_value());
}

TEST(BoundedQueue, TakesBackWhatStillWaits) {
  BoundedQueue<int> queue(2);
  EXPECT_TRUE(queue.try_push(1));
  EXPECT_TRUE(queue.try_push(2));
  EXPECT_TRUE(queue.remove(1));
  EXPECT_FALSE(queue.remove(1));
  EXPECT_TRUE(queue.try_push(3));
  EXPECT_EQ(queue.pop(), 2);
  EXPECT_FALSE(queue.remove(2));
  EXPECT_EQ(queue.pop(), 3);
}

TEST(BoundedQueue, LosesAndRepeatsNothingBetweenThreads) {
  constexpr int kPerThread = 5000;
  BoundedQueue<int> queue(3);
  std::vector<int> seen(2 * kPerThread);
  std::thread first([&] {
    for (int i = 0; i < kPerThread; ++i) queue.push(i);
  });
  std::thread second([&] {
    for (int i = 0; i < kPerThread; ++i) queue.push(kPerThread + i);
  });
  for (int i = 0; i < 2 * kPerThread; ++i) ++seen[static_cast<std::size_t>(*queue.pop())];
  first.join();
  second.join();
  EXPECT_EQ(seen, std::vector<int>(2 * kPerThread, 1));
}

}  // namespace
}  // namespace clippath
