// SPDX-License-Identifier: Apache-2.0
#include "indexer/pipeline/ordered_stage.h"

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <thread>

namespace clippath {
namespace {

TEST(OrderedStage, DeliversInTheOrderOfAddingWhoeverFinishesFirst) {
  WorkerPool pool(4);
  OrderedStage<int> stage(pool, 16);
  std::vector<int> taken;
  for (int i = 0; i < 100; ++i) {
    if (stage.full()) taken.push_back(stage.take());
    stage.add([i] {
      std::this_thread::sleep_for(std::chrono::microseconds((97 - i % 97) * 20));
      return i;
    });
  }
  while (!stage.empty()) taken.push_back(stage.take());
  ASSERT_EQ(taken.size(), 100U);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(taken[static_cast<std::size_t>(i)], i);
}

TEST(OrderedStage, NeverHoldsMoreThanItsWindow) {
  WorkerPool pool(4);
  std::atomic<int> alive = 0;
  std::atomic<int> most = 0;
  {
    OrderedStage<int> stage(pool, 5);
    for (int i = 0; i < 50; ++i) {
      if (stage.full()) {
        stage.take();
        --alive;
      }
      most = std::max(most.load(), ++alive);
      stage.add([i] { return i; });
    }
  }
  EXPECT_EQ(most, 5);
}

TEST(OrderedStage, TellsWhenHalfOfItsWindowIsFree) {
  WorkerPool pool(2);
  OrderedStage<int> stage(pool, 5);
  for (int held = 0; held <= 5; ++held) {
    EXPECT_EQ(stage.half_empty(), held <= 2) << held;
    if (held < 5) stage.add([held] { return held; });
  }
  while (!stage.half_empty()) stage.take();
  EXPECT_EQ(stage.take(), 3);
}

TEST(OrderedStage, SkipsWaitingWorkWhenItGoesAway) {
  WorkerPool pool(1);
  std::atomic<int> ran = 0;
  {
    OrderedStage<int> stage(pool, 100);
    for (int i = 0; i < 100; ++i) {
      stage.add([&ran] {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return ++ran;
      });
    }
    stage.take();
  }
  const int at_the_end = ran;
  EXPECT_LT(at_the_end, 100);
  std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(ran, at_the_end);  // nothing runs after the stage is gone
}

TEST(OrderedStage, HandsAnExceptionToTheTaker) {
  WorkerPool pool(2);
  OrderedStage<int> stage(pool, 4);
  stage.add([]() -> int { throw std::runtime_error("no memory"); });
  stage.add([] { return 7; });
  EXPECT_THROW(stage.take(), std::runtime_error);
  EXPECT_EQ(stage.take(), 7);
}

}  // namespace
}  // namespace clippath
