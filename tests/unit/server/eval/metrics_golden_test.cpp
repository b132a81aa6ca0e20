// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <map>

#include "clippath/metrics.h"
#include "tests/support/golden_files.h"

namespace clippath::test {
namespace {

constexpr double kTolerance = 1e-12;  // tests/golden/metrics/README.md

const std::map<std::string, TieRule> kTieRules = {{"optimistic", TieRule::kOptimistic},
                                                  {"pessimistic", TieRule::kPessimistic},
                                                  {"expected", TieRule::kExpected}};
const std::map<std::string, VoteTie> kVoteTies = {{"first_seen", VoteTie::kFirstSeen},
                                                  {"lowest_id", VoteTie::kLowestId},
                                                  {"shared_credit", VoteTie::kSharedCredit}};

class GoldenMetrics : public testing::Test {
 protected:
  [[nodiscard]] std::vector<double> scores(std::size_t query) const {
    return table_["scores"][query].get<std::vector<double>>();
  }
  [[nodiscard]] std::size_t target(std::size_t query) const {
    return table_["target"][query].get<std::size_t>();
  }
  [[nodiscard]] RankedRow row(std::size_t query, const std::string& level) const {
    std::vector<bool> positive(scores(query).size());
    for (std::size_t i = 0; i < positive.size(); ++i) {
      const auto same = [&](const char* key) {
        return table_[key][i] == table_[key][target(query)];
      };
      positive[i] = level == "index"    ? i == target(query)
                    : level == "string" ? same("caption_text")
                                        : same("caption_class");
    }
    auto made = RankedRow::make(scores(query), positive);
    EXPECT_TRUE(made) << made.error().message;
    return std::move(*made);
  }
  static double measure(const RankedRow& row, const std::string& metric, TieRule ties) {
    const auto k = [&] { return std::stoul(metric.substr(metric.find('@') + 1)); };
    if (metric.starts_with("hit@")) return row.hit_at(k(), ties);
    if (metric.starts_with("recall@")) return row.recall_at(k(), ties);
    if (metric == "rr" || metric == "mrr") return row.reciprocal_rank(ties);
    EXPECT_TRUE(metric == "ap" || metric == "map") << metric;
    return row.average_precision(ties);
  }
  [[nodiscard]] double vote(std::size_t query, VoteTie votes, TieRule ties) const {
    const auto labels = table_["caption_class"].get<std::vector<std::int64_t>>();
    const auto credit = majority_vote(scores(query), labels, labels[target(query)], 5, votes, ties);
    EXPECT_TRUE(credit) << credit.error().message;
    return *credit;
  }

  const Json table_ = read_json(golden_dir() / "metrics/table.json");
  const Json expected_ = read_json(golden_dir() / "metrics/expected.json");
};

TEST_F(GoldenMetrics, EveryQueryAgreesUnderEveryTieRule) {
  int compared = 0;
  for (const Json& query : expected_["per_query"]) {
    const auto number = query["query"].get<std::size_t>();
    for (const std::string level : {"index", "string", "class"}) {
      const RankedRow ranked = row(number, level);
      for (const auto& [metric, values] : query[level].items()) {
        if (metric.starts_with("mmv@")) continue;
        for (const auto& [rule, value] : values.items()) {
          EXPECT_NEAR(measure(ranked, metric, kTieRules.at(rule)), value.get<double>(), kTolerance)
              << "query " << number << " " << level << " " << metric << " " << rule;
          ++compared;
        }
      }
    }
  }
  EXPECT_EQ(compared, 30 * 66);
}

TEST_F(GoldenMetrics, MeansAgree) {
  for (const std::string level : {"index", "string", "class"}) {
    for (const auto& [metric, rules] : expected_["aggregate"][level].items()) {
      if (metric.starts_with("mmv@")) continue;
      for (const auto& [rule, value] : rules.items()) {
        std::vector<double> values;
        for (std::size_t query = 0; query < table_["scores"].size(); ++query) {
          values.push_back(measure(row(query, level), metric, kTieRules.at(rule)));
        }
        EXPECT_NEAR(mean_of(values), value.get<double>(), kTolerance)
            << level << " " << metric << " " << rule;
      }
    }
  }
}

TEST_F(GoldenMetrics, VotesAgreeUnderEveryRule) {
  const Json& golden = expected_["aggregate"]["class"]["mmv@5"];
  for (const auto& [vote_name, votes] : kVoteTies) {
    for (const auto& [rule, ties] : kTieRules) {
      std::vector<double> values;
      for (const Json& query : golden["queries"]) {
        values.push_back(vote(query.get<std::size_t>(), votes, ties));
      }
      EXPECT_NEAR(mean_of(values), golden[vote_name][rule].get<double>(), kTolerance)
          << vote_name << " " << rule;
    }
  }
}

}  // namespace
}  // namespace clippath::test
