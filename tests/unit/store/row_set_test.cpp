// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "clippath/vectors.h"

namespace clippath {
namespace {

TEST(RowSet, HoldsAllRowsAndNoMore) {
  for (std::int64_t rows = 0; rows < 40; ++rows) {
    const RowSet all(rows, true);
    EXPECT_EQ(all.count(), rows);
    EXPECT_EQ(RowSet(rows).count(), 0);
    for (std::int64_t row = 0; row < rows; ++row) EXPECT_TRUE(all.contains(row));
  }
}

TEST(RowSet, AgreesWithASet) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    std::mt19937 random(seed);
    const std::int64_t rows = 1 + random() % 300;
    RowSet set(rows);
    std::set<std::int64_t> expected;
    for (int i = 0; i < 400; ++i) {
      const std::int64_t row = random() % static_cast<unsigned>(rows);
      if (random() % 3 == 0) {
        set.erase(row);
        expected.erase(row);
      } else {
        set.insert(row);
        expected.insert(row);
      }
    }
    EXPECT_EQ(set.count(), std::ssize(expected));
    for (std::int64_t row = 0; row < rows; ++row)
      EXPECT_EQ(set.contains(row), expected.contains(row)) << "seed " << seed;
  }
}

}  // namespace
}  // namespace clippath
