// SPDX-License-Identifier: Apache-2.0
#include "clippath/attention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace clippath {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pointwise;

constexpr auto kMean = AttentionHeads::kMean;

AttentionMaps one_map(std::vector<float> values) {
  AttentionMaps maps{1, 1, values.size(), {}};
  maps.values = std::move(values);
  return maps;
}

void expect_values(AttentionMode mode, const std::vector<double>& expected) {
  const AttentionMaps maps = one_map({0.125F, 0.5F, 0.0625F, 0.0625F});
  EXPECT_THAT(attention_values(maps, mode, kMean), Pointwise(DoubleNear(1e-12), expected))
      << to_string(mode);
}

TEST(AttentionValues, AreScaledAsTheModeSays) {
  expect_values(AttentionMode::kRaw, {0.125, 0.5, 0.0625, 0.0625});
  expect_values(AttentionMode::kScaled, {0.5, 2, 0.25, 0.25});
  expect_values(AttentionMode::kMax, {0.25, 1, 0.125, 0.125});
  expect_values(AttentionMode::kMinMax, {1.0 / 7, 1, 0, 0});
  // In sixteenths the map is 2, 8, 1, 1, in all 12; from the smallest up: 1, 2, 4, 12.
  expect_values(AttentionMode::kMass, {4.0 / 12, 1, 1.0 / 12, 2.0 / 12});
  // Two share the ranks 1 and 2.
  expect_values(AttentionMode::kRank, {0.75, 1, 0.375, 0.375});
}

TEST(AttentionValues, OfAConstantMapHaveNoExtent) {
  const AttentionMaps flat = one_map({0.25F, 0.25F});
  EXPECT_THAT(attention_values(flat, AttentionMode::kMinMax, kMean), ElementsAre(0, 0));
  EXPECT_THAT(attention_values(flat, AttentionMode::kMax, kMean), ElementsAre(1, 1));
  EXPECT_THAT(attention_values(flat, AttentionMode::kRank, kMean), ElementsAre(0.75, 0.75));
  EXPECT_THAT(attention_values(one_map({0, 0}), AttentionMode::kMax, kMean), ElementsAre(0, 0));
  EXPECT_THAT(attention_values(one_map({0, 0}), AttentionMode::kMass, kMean), ElementsAre(0, 0));
}

TEST(AttentionValues, CombineTheHeadsOfEachLayer) {
  const AttentionMaps maps{2, 2, 2, {0.5F, 0.25F, 0.25F, 0.75F, 1, 0, 0, 1}};
  const auto raw = [&](AttentionHeads heads) {
    return attention_values(maps, AttentionMode::kRaw, heads);
  };
  EXPECT_THAT(raw(AttentionHeads::kMean), ElementsAre(0.375, 0.5, 0.5, 0.5));
  EXPECT_THAT(raw(AttentionHeads::kMax), ElementsAre(0.5, 0.75, 1, 1));
  EXPECT_THAT(raw(AttentionHeads::kEach), ElementsAre(0.5, 0.25, 0.25, 0.75, 1, 0, 0, 1));
}

TEST(AttentionValues, OfEveryMapAreScaledForThemselves) {
  const AttentionMaps maps{1, 2, 2, {0.5F, 0.25F, 0.25F, 0.125F}};
  EXPECT_THAT(attention_values(maps, AttentionMode::kMax, AttentionHeads::kEach),
              ElementsAre(1, 0.5, 1, 0.5));
  EXPECT_THAT(attention_values(maps, AttentionMode::kScaled, AttentionHeads::kEach),
              ElementsAre(1, 0.5, 0.5, 0.25));
}

TEST(AttentionScore, IsTheShareStrictlyAboveTheThreshold) {
  const std::vector<double> values = {0.25, 0.5, 0.5, 1};
  EXPECT_EQ(attention_score(values, AttentionMode::kScaled, 0.5), 0.25);
  EXPECT_EQ(attention_score(values, AttentionMode::kScaled, 0.49), 0.75);
  EXPECT_EQ(attention_score(values, AttentionMode::kScaled, 1), 0);
}

TEST(AttentionScore, OfMassIsTheAreaOfTheMask) {
  const auto values =
      attention_values(one_map({0.125F, 0.5F, 0.125F, 0.25F}), AttentionMode::kMass, kMean);
  // The greatest holds half of the mass; three quarters of it need the two greatest.
  EXPECT_EQ(attention_score(values, AttentionMode::kMass, 0.49), 0.25);
  EXPECT_EQ(attention_score(values, AttentionMode::kMass, 0.74), 0.5);
  EXPECT_EQ(attention_score(values, AttentionMode::kMass, 0.99), 1);
}

// The trap of the rule: an even picture scores higher than one with something to look at.
TEST(AttentionScore, RewardsEvenPictures) {
  const AttentionMaps blank = one_map(std::vector<float>(100, 0.0099F));
  AttentionMaps tissue = one_map(std::vector<float>(100, 0.004F));
  for (std::size_t i = 0; i < 30; ++i) tissue.values[i] = 0.02F;
  for (const AttentionMode mode :
       {AttentionMode::kScaled, AttentionMode::kMax, AttentionMode::kMass}) {
    EXPECT_GT(attention_score(attention_values(blank, mode, kMean), mode, 0.5),
              attention_score(attention_values(tissue, mode, kMean), mode, 0.5))
        << to_string(mode);
  }
}

/// Pictures whose values all lie below `top`, four levels each.
std::vector<std::vector<double>> pictures(const std::vector<double>& tops) {
  std::vector<std::vector<double>> sample;
  for (const double top : tops) sample.push_back({top / 4, top / 2, 3 * top / 4, top});
  return sample;
}

std::size_t kept(const std::vector<std::vector<double>>& sample, const AttentionRule& rule) {
  const double threshold = find_attention_threshold(sample, rule);
  std::size_t count = 0;
  for (const auto& values : sample) {
    if (attention_score(values, rule.mode, threshold) > rule.keep) ++count;
  }
  return count;
}

TEST(FindAttentionThreshold, KeepsTheTargetShareOfTheSample) {
  std::vector<double> tops;
  for (int i = 1; i <= 20; ++i) tops.push_back(((i * 7) % 20 + 1) / 20.0);
  for (const AttentionMode mode : {AttentionMode::kScaled, AttentionMode::kMass}) {
    for (const double keep : {0.0, 0.25, 0.5, 0.7}) {
      for (const double target : {0.1, 0.5, 0.9}) {
        AttentionRule rule;
        rule.mode = mode;
        rule.keep = keep;
        rule.target_keep = target;
        EXPECT_EQ(kept(pictures(tops), rule), static_cast<std::size_t>(std::lround(20 * target)))
            << to_string(mode) << " " << keep << " " << target;
      }
    }
  }
}

TEST(FindAttentionThreshold, LiesHalfWayAndDependsOnNoOrder) {
  AttentionRule rule;
  rule.target_keep = 0.5;
  rule.keep = 0.5;  // three of four values must exceed it, so the second smallest decides
  EXPECT_DOUBLE_EQ(find_attention_threshold(pictures({1, 2, 3, 4}), rule), (2.0 + 3.0) / 2 / 2);
  EXPECT_EQ(find_attention_threshold(pictures({4, 2, 1, 3}), rule),
            find_attention_threshold(pictures({1, 2, 3, 4}), rule));
}

TEST(FindAttentionThreshold, KeepsAtLeastOneAndAllOfNothing) {
  AttentionRule rule;
  rule.target_keep = 0.01;
  EXPECT_EQ(kept(pictures({1}), rule), 1U);
  EXPECT_EQ(kept(pictures({1, 2, 3}), rule), 1U);
  EXPECT_EQ(find_attention_threshold({}, rule), 0);
  rule.mode = AttentionMode::kMass;
  EXPECT_EQ(find_attention_threshold({}, rule), 1);
}

TEST(AttentionScores, CountInTenths) {
  AttentionScores scores;
  for (const double score : {0.0, 0.05, 0.1, 0.95, 1.0}) scores.add(score);
  EXPECT_THAT(scores.histogram, ElementsAre(2, 1, 0, 0, 0, 0, 0, 0, 0, 2));
}

TEST(AttentionRuleCheck, NamesTheOptionAndItsLimit) {
  const auto message = [](const AttentionRule& rule) {
    const auto checked = check_attention_rule(rule);
    return checked ? std::string() : checked.error().message;
  };
  AttentionRule rule;
  EXPECT_EQ(message(rule), "");
  rule.threshold = 1.5;
  EXPECT_EQ(message(rule), "");  // scaled values have no upper end
  rule.mode = AttentionMode::kMax;
  EXPECT_THAT(message(rule), HasSubstr("--attention-threshold: must be under 1 in mode max"));
  rule.target_keep = 1;
  EXPECT_THAT(message(rule), HasSubstr("--target-keep"));
  rule.target_keep = 0.5;
  EXPECT_EQ(message(rule), "");
  rule.keep = 1;
  EXPECT_THAT(message(rule), HasSubstr("--attention-keep: must be 0 <= K < 1"));
  rule = AttentionRule();
  for (const double threshold : {std::nan(""), std::numeric_limits<double>::infinity(), -1.0}) {
    rule.threshold = threshold;
    EXPECT_THAT(message(rule), HasSubstr("--attention-threshold: must be a finite number"));
  }
  rule = AttentionRule();
  rule.mode = AttentionMode::kRank;
  EXPECT_THAT(message(rule), HasSubstr("keeps all or none"));
}

TEST(AttentionWords, AreReadAsTheyAreWritten) {
  for (const AttentionMode mode : kAttentionModes) {
    EXPECT_EQ(parse_attention_mode(to_string(mode)).value(), mode);
  }
  for (const AttentionHeads heads : kAttentionHeads) {
    EXPECT_EQ(parse_attention_heads(to_string(heads)).value(), heads);
  }
  EXPECT_THAT(parse_attention_mode("softmax").error().message,
              HasSubstr("raw, scaled, max, minmax, mass, rank, is 'softmax'"));
}

}  // namespace
}  // namespace clippath
