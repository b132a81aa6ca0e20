// SPDX-License-Identifier: Apache-2.0
#include "server/search/grouping.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace clippath {
namespace {

TEST(GroupRanking, AgreesWithWalkingTheRankingGroupByGroup) {
  std::mt19937 random(3);
  for (int seed = 0; seed < 200; ++seed) {
    Ranking ranking;
    std::map<std::int64_t, std::uint32_t> group_of;
    const std::size_t rows = random() % 60;
    for (std::size_t i = 0; i < rows; ++i) {
      ranking.push_back({{static_cast<std::int64_t>(i), 1.0F - 0.01F * static_cast<float>(i)}, ""});
      group_of[static_cast<std::int64_t>(i)] = static_cast<std::uint32_t>(random() % 9);
    }
    const std::size_t max_groups = 1 + random() % 10;
    const std::size_t group_size = 1 + random() % 4;

    std::vector<std::uint32_t> order;
    std::map<std::uint32_t, std::vector<std::int64_t>> members;
    for (const Candidate& candidate : ranking) {
      const std::uint32_t group = group_of[candidate.hit.row];
      if (members[group].empty()) order.push_back(group);
      if (members[group].size() < group_size) members[group].push_back(candidate.hit.row);
    }

    const Grouping grouping = group_ranking(
        ranking, [&](std::int64_t row) { return group_of[row]; }, max_groups, group_size);
    ASSERT_EQ(grouping.groups.size(), std::min(max_groups, order.size()));
    ASSERT_EQ(grouping.exhausted, order.size() <= max_groups);
    for (std::size_t g = 0; g < grouping.groups.size(); ++g) {
      std::vector<std::int64_t> found;
      for (const Candidate& candidate : grouping.groups[g]) found.push_back(candidate.hit.row);
      ASSERT_EQ(found, members[order[g]]);
    }
  }
}

TEST(BestOfGroups, KeepsTheFirstOfEach) {
  const Ranking ranking = {{{4, 0.9F}, ""}, {{5, 0.8F}, ""}, {{2, 0.7F}, ""}};
  const Ranking best = best_of_groups(ranking, [](std::int64_t row) { return row >= 4 ? 1U : 0U; });
  ASSERT_EQ(best.size(), 2U);
  EXPECT_EQ(best[0].hit.row, 4);
  EXPECT_EQ(best[1].hit.row, 2);
}

}  // namespace
}  // namespace clippath
