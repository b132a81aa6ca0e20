// SPDX-License-Identifier: Apache-2.0
#include "clippath/metrics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

namespace clippath {
namespace {

constexpr double kRounding = 1e-12;

struct Row {
  std::vector<double> scores;
  std::vector<bool> positive;
};

/// Few different scores, so that many are equal.
Row random_row(std::uint64_t seed, std::size_t size) {
  std::mt19937_64 random(seed);
  Row row;
  for (std::size_t i = 0; i < size; ++i) {
    row.scores.push_back(static_cast<double>(random() % 4));
    row.positive.push_back(i == 0 || random() % 3 == 0);
  }
  return row;
}

RankedRow ranked(const Row& row) { return *RankedRow::make(row.scores, row.positive); }

/// Calls `visit` with the row broken into every order of its equal scores.
template <class Visit>
void each_order(const Row& row, const Visit& visit) {
  std::vector<std::size_t> order(row.scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  do {
    if (!std::is_sorted(order.begin(), order.end(),
                        [&](auto a, auto b) { return row.scores[a] > row.scores[b]; })) {
      continue;
    }
    Row broken;
    for (const std::size_t i : order) {
      broken.scores.push_back(-static_cast<double>(broken.scores.size()));
      broken.positive.push_back(row.positive[i]);
    }
    visit(ranked(broken), order);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(RankedRow, ExpectedIsTheMeanOverAllOrdersAndTheOthersItsEnds) {
  using Measure = double (*)(const RankedRow&, TieRule);
  const std::vector<Measure> measures = {
      [](const RankedRow& row, TieRule ties) { return row.hit_at(2, ties); },
      [](const RankedRow& row, TieRule ties) { return row.recall_at(3, ties); },
      [](const RankedRow& row, TieRule ties) { return row.reciprocal_rank(ties); },
      [](const RankedRow& row, TieRule ties) { return row.average_precision(ties); }};
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Row row = random_row(seed, 7);
    for (std::size_t m = 0; m < measures.size(); ++m) {
      double sum = 0;
      double count = 0;
      double most = 0;
      double least = 1;
      each_order(row, [&](const RankedRow& broken, const auto&) {
        const double value = measures[m](broken, TieRule::kPessimistic);
        sum += value;
        ++count;
        most = std::max(most, value);
        least = std::min(least, value);
      });
      const RankedRow tied = ranked(row);
      EXPECT_NEAR(measures[m](tied, TieRule::kExpected), sum / count, kRounding)
          << seed << " " << m;
      EXPECT_NEAR(measures[m](tied, TieRule::kOptimistic), most, kRounding) << seed << " " << m;
      EXPECT_NEAR(measures[m](tied, TieRule::kPessimistic), least, kRounding) << seed << " " << m;
    }
  }
}

TEST(RankedRow, OrderOfCandidatesDoesNotMatter) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Row row = random_row(seed, 30);
    const RankedRow first = ranked(row);
    std::reverse(row.scores.begin(), row.scores.end());
    std::reverse(row.positive.begin(), row.positive.end());
    const RankedRow second = ranked(row);
    for (const TieRule ties : {TieRule::kOptimistic, TieRule::kPessimistic, TieRule::kExpected}) {
      EXPECT_EQ(first.hit_at(3, ties), second.hit_at(3, ties));
      EXPECT_EQ(first.average_precision(ties), second.average_precision(ties));
    }
  }
}

TEST(RankedRow, RefusesWhatHasNoRank) {
  const std::vector<double> with_nan = {0.5, std::nan("")};
  EXPECT_EQ(RankedRow::make(with_nan, {true, false}).error().kind, ErrorKind::kInvalidArgument);
  EXPECT_EQ(RankedRow::make({}, {}).error().kind, ErrorKind::kInvalidArgument);
  EXPECT_FALSE(RankedRow::make(std::vector<double>{0.5}, {true, false}));
  const std::vector<std::int64_t> labels = {1, 2};
  EXPECT_FALSE(majority_vote(with_nan, labels, 1, 5, VoteTie::kFirstSeen, TieRule::kExpected));
}

TEST(RankedRow, WithoutAPositiveFindsNothing) {
  const auto row = RankedRow::make(std::vector<double>{1, 2}, {false, false});
  ASSERT_TRUE(row);
  EXPECT_EQ(row->hit_at(2, TieRule::kOptimistic), 0);
  EXPECT_EQ(row->reciprocal_rank(TieRule::kExpected), 0);
  EXPECT_EQ(row->recall_at(2, TieRule::kExpected), 0);
  EXPECT_EQ(row->average_precision(TieRule::kExpected), 0);
}

TEST(MajorityVote, ExpectedIsTheMeanOverAllOrders) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    std::mt19937_64 random(seed);
    const Row row = random_row(seed, 6);
    std::vector<std::int64_t> labels;
    for (std::size_t i = 0; i < 6; ++i) labels.push_back(static_cast<std::int64_t>(random() % 3));
    for (const VoteTie votes : {VoteTie::kFirstSeen, VoteTie::kLowestId, VoteTie::kSharedCredit}) {
      double sum = 0;
      double count = 0;
      each_order(row, [&](const RankedRow&, const std::vector<std::size_t>& order) {
        std::vector<double> scores;
        std::vector<std::int64_t> ordered;
        for (const std::size_t i : order) {
          scores.push_back(-static_cast<double>(scores.size()));
          ordered.push_back(labels[i]);
        }
        sum += *majority_vote(scores, ordered, 1, 4, votes, TieRule::kPessimistic);
        ++count;
      });
      EXPECT_NEAR(*majority_vote(row.scores, labels, 1, 4, votes, TieRule::kExpected), sum / count,
                  kRounding)
          << seed << " " << to_string(votes);
    }
  }
}

TEST(MajorityVote, RefusesMoreOrdersThanItCanCount) {
  const std::vector<double> equal(100, 0.5);
  std::vector<std::int64_t> labels(100);
  std::iota(labels.begin(), labels.end(), std::int64_t{0});
  const auto vote = majority_vote(equal, labels, 1, 5, VoteTie::kFirstSeen, TieRule::kExpected);
  ASSERT_FALSE(vote);
  EXPECT_EQ(vote.error().kind, ErrorKind::kTooLarge);
  EXPECT_EQ(vote.error().field, "votes");
  EXPECT_EQ(vote.error().limit, "200000");
  EXPECT_NE(vote.error().message.find("--votes 1"), std::string::npos) << vote.error().message;
  EXPECT_TRUE(majority_vote(equal, labels, 1, 1, VoteTie::kFirstSeen, TieRule::kExpected));
}

TEST(Bootstrap, HoldsTheMeanAndRepeatsItself) {
  std::mt19937_64 random(1);
  std::vector<double> values;
  std::vector<std::int64_t> cases;
  for (std::int64_t i = 0; i < 400; ++i) {
    values.push_back(random() % 10 < 7 ? 1 : 0);
    cases.push_back(i / 4);
  }
  const Interval interval = bootstrap_interval(values, cases, {1000, 3});
  EXPECT_LT(interval.low, mean_of(values));
  EXPECT_GT(interval.high, mean_of(values));
  // Two standard errors of a share of .7 among 400.
  EXPECT_NEAR(interval.high - interval.low, 4 * std::sqrt(0.7 * 0.3 / 400), 0.03);
  EXPECT_EQ(interval, bootstrap_interval(values, cases, {1000, 3}));
  EXPECT_NE(interval, bootstrap_interval(values, cases, {1000, 4}));
}

TEST(Bootstrap, PatchesOfOneCaseAreNotIndependent) {
  std::vector<double> values;
  std::vector<std::int64_t> own_case;
  std::vector<std::int64_t> shared_case;
  for (std::int64_t i = 0; i < 200; ++i) {
    values.push_back((i / 20) % 2 == 0 ? 1 : 0);
    own_case.push_back(i);
    shared_case.push_back(i / 20);
  }
  const Interval narrow = bootstrap_interval(values, own_case, {1000, 0});
  const Interval wide = bootstrap_interval(values, shared_case, {1000, 0});
  EXPECT_GT(wide.high - wide.low, 3 * (narrow.high - narrow.low));
}

TEST(Bootstrap, OfAStatisticDrawsTheSameCases) {
  std::mt19937_64 random(1);
  std::vector<double> values;
  std::vector<std::int64_t> cases;
  for (std::int64_t i = 0; i < 40; ++i) {
    values.push_back(static_cast<double>(random() % 10));
    cases.push_back(i / 4);
  }
  const Statistic mean = [&](std::span<const double> weights) {
    return std::inner_product(weights.begin(), weights.end(), values.begin(), 0.0) /
           std::accumulate(weights.begin(), weights.end(), 0.0);
  };
  const Interval of_values = bootstrap_interval(values, cases, {1000, 3});
  const Interval of_statistic = bootstrap_interval(mean, cases, {1000, 3});
  EXPECT_NEAR(of_statistic.low, of_values.low, kRounding);
  EXPECT_NEAR(of_statistic.high, of_values.high, kRounding);
}

TEST(Bootstrap, LeavesOutDrawsThatAStatisticHasNothingOf) {
  const std::vector<std::int64_t> cases = {0, 1};
  const Statistic of_both = [](std::span<const double> weights) -> std::optional<double> {
    if (weights[0] == 0 || weights[1] == 0) return std::nullopt;
    return 0.25;
  };
  EXPECT_EQ(bootstrap_interval(of_both, cases, {100, 0}), (Interval{0.25, 0.25}));
  const Statistic of_none = [](auto) { return std::nullopt; };
  EXPECT_EQ(bootstrap_interval(of_none, cases, {100, 0}), Interval{});
}

TEST(Bootstrap, StrataCountAlike) {
  const std::vector<double> values = {1, 1, 1, 0};
  const std::vector<std::int64_t> classes = {0, 0, 0, 1};
  EXPECT_DOUBLE_EQ(mean_of(values), 0.75);
  EXPECT_DOUBLE_EQ(mean_of(values, classes), 0.5);
}

}  // namespace
}  // namespace clippath
