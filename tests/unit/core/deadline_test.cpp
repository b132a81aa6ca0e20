// SPDX-License-Identifier: Apache-2.0
#include "clippath/core/deadline.h"

#include <gtest/gtest.h>

namespace clippath {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

TEST(Deadline, PassesWithItsTime) {
  EXPECT_FALSE(Deadline::never().passed());
  EXPECT_FALSE(Deadline::after(hours(1)).passed());
  EXPECT_TRUE(Deadline::after(milliseconds(-1)).passed());
}

TEST(Deadline, PassesWhenNobodyWaitsAnyMore) {
  bool gone = false;
  const Deadline deadline = Deadline::after(hours(1)).or_when([&gone] { return gone; });
  const Deadline copy = deadline;
  EXPECT_FALSE(deadline.passed());
  gone = true;
  EXPECT_TRUE(deadline.passed());
  EXPECT_TRUE(copy.passed());
  EXPECT_TRUE(Deadline::after(milliseconds(-1)).or_when([] { return false; }).passed());
}

TEST(Deadline, MayHaveSeveralReasons) {
  bool first = false;
  bool second = false;
  const auto deadline =
      Deadline::never().or_when([&] { return first; }).or_when([&] { return second; });
  EXPECT_FALSE(deadline.passed());
  second = true;
  EXPECT_TRUE(deadline.passed());
  second = false;
  first = true;
  EXPECT_TRUE(deadline.passed());
}

}  // namespace
}  // namespace clippath
