// SPDX-License-Identifier: Apache-2.0
#include "clippath/core/embedding.h"

#include <gtest/gtest.h>

#include <limits>

namespace clippath {
namespace {

TEST(Normalize, ScalesToUnitLength) {
  Embedding vector{3, 4};
  ASSERT_TRUE(normalize(vector));
  EXPECT_FLOAT_EQ(vector[0], 0.6F);
  EXPECT_FLOAT_EQ(vector[1], 0.8F);
}

TEST(Normalize, RefusesWhatHasNoDirection) {
  Embedding zero{0, 0};
  EXPECT_FALSE(normalize(zero));
  Embedding broken{1, std::numeric_limits<float>::quiet_NaN()};
  EXPECT_FALSE(normalize(broken));
  EXPECT_EQ(broken[0], 1);
}

}  // namespace
}  // namespace clippath
