// SPDX-License-Identifier: Apache-2.0
#include "server/http/target.h"

#include <gtest/gtest.h>

namespace clippath {
namespace {

TEST(Target, DecodesAfterSplitting) {
  const auto target = parse_target("/a%2Fb/c%20d?x=1%262&y=a+b%2B");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->segments, (std::vector<std::string>{"a/b", "c d"}));
  EXPECT_EQ(*target->parameter("x"), "1&2");
  EXPECT_EQ(*target->parameter("y"), "a b+");
  EXPECT_EQ(target->parameter("z"), nullptr);
}

}  // namespace
}  // namespace clippath
