// SPDX-License-Identifier: Apache-2.0
#include "server/http/executor.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

namespace clippath {
namespace {

TEST(Executor, ReturnsWhatTheWorkReturns) {
  Executor executor(2, 4);
  const auto sum = executor.run(Deadline::never(), [] { return Result<int>(3); });
  EXPECT_EQ(*sum, 3);
  const auto error = executor.run(
      Deadline::never(), []() -> Result<int> { return fail(ErrorKind::kNotFound, "nothing"); });
  EXPECT_EQ(error.error().kind, ErrorKind::kNotFound);
}

TEST(Executor, HandsExceptionsToTheCaller) {
  Executor executor(1, 1);
  EXPECT_THROW(
      (void)executor.run(Deadline::never(), []() -> Result<int> { throw std::runtime_error("x"); }),
      std::runtime_error);
  EXPECT_TRUE(executor.run(Deadline::never(), [] { return Result<int>(1); }));
}

TEST(Executor, DoesNotStartWorkWhoseTimeIsOver) {
  Executor executor(1, 1);
  bool ran = false;
  const auto answer = executor.run(Deadline::after(std::chrono::milliseconds(-1)), [&] {
    ran = true;
    return Result<int>(1);
  });
  EXPECT_EQ(answer.error().kind, ErrorKind::kDeadlineExceeded);
  EXPECT_FALSE(ran);
}

TEST(Executor, RefusesAtOnceWhenItsQueueIsFull) {
  Executor executor(1, 1);
  std::atomic<bool> running = false;
  std::atomic<bool> go_on = false;
  const auto wait = [&] {
    running = true;
    running.notify_all();
    go_on.wait(false);
    return Result<int>(1);
  };
  std::thread first([&] { EXPECT_TRUE(executor.run(Deadline::never(), wait)); });
  running.wait(false);
  std::thread second([&] { EXPECT_TRUE(executor.run(Deadline::never(), wait)); });
  while (executor.waiting() == 0) std::this_thread::yield();
  const auto third = executor.run(Deadline::never(), wait);
  EXPECT_EQ(third.error().kind, ErrorKind::kUnavailable);
  go_on = true;
  go_on.notify_all();
  first.join();
  second.join();
}

}  // namespace
}  // namespace clippath
