// SPDX-License-Identifier: Apache-2.0
#include "clippath/evaluation_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace clippath {
namespace {

using ::testing::HasSubstr;

Figure figure_with(std::vector<double> values) {
  Figure figure{"clippath50", "hit@1", "string", 1, "none", "all captions"};
  figure.values = std::move(values);
  for (std::size_t i = 0; i < figure.values.size(); ++i) {
    figure.queries.push_back(i);
    figure.cases.push_back(static_cast<std::int64_t>(i / 2));
  }
  figure.value = mean_of(figure.values);
  figure.interval = bootstrap_interval(figure.values, figure.cases, {});
  figure.expected_ties = figure.value;
  figure.chance = 0.02;
  figure.draw_deviation = 0.01;
  return figure;
}

EvaluationReport report_with(std::vector<double> values) {
  EvaluationReport report;
  report.model = "tiny";
  report.model_id = "abc";
  report.pairs_id = "same";
  report.data = "pairs.csv";
  report.figures.push_back({figure_with(std::move(values)), figure_with({0, 0, 1, 0})});
  report.notes = {"no class column: zero_shot not measured"};
  return report;
}

TEST(EvaluationReport, ReadsWhatItWrote) {
  const EvaluationReport report = report_with({1, 0, 1, 1});
  const Json json = to_json(report);
  const auto read = report_from_json(json);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(to_text(to_json(*read)), to_text(json));
}

TEST(EvaluationReport, StatesTheRuleOfEqualVotes) {
  EvaluationReport report = report_with({1, 0, 1, 1});
  report.options.vote_ties = VoteTie::kLowestId;
  Json json = to_json(report);
  EXPECT_EQ(json["vote_ties"], "lowest_id");
  EXPECT_EQ(report_from_json(json)->options.vote_ties, VoteTie::kLowestId);
  EXPECT_THAT(to_markdown(report), HasSubstr("the label that is first in the alphabet wins"));
  json.erase("vote_ties");
  EXPECT_EQ(report_from_json(json)->options.vote_ties, VoteTie::kFirstSeen);
  json["vote_ties"] = "last";
  EXPECT_FALSE(report_from_json(json));
}

TEST(EvaluationReport, RefusesWhatIsNotOne) {
  Json json = to_json(report_with({1, 0, 1, 1}));
  json["figures"][0]["model"]["values"].push_back(1);
  EXPECT_THAT(report_from_json(json).error().message, HasSubstr("figures[0].model.n"));
  EXPECT_FALSE(report_from_json(Json{{"format", "other"}}));
  EXPECT_FALSE(report_from_json(Json::array()));
}

TEST(EvaluationReport, TableShowsTheColoursBesideTheModel) {
  const std::string table = to_markdown(report_with({1, 0, 1, 1}));
  EXPECT_THAT(table, HasSubstr("| clippath50 | hit@1 | string | none | 4 | .750 ["));
  EXPECT_THAT(table, HasSubstr("| .020 | .250 ["));
  EXPECT_THAT(table, HasSubstr("* no class column"));
}

TEST(CompareReports, PairsQueryByQuery) {
  const auto compared =
      compare_reports(report_with({1, 0, 1, 0, 1, 0}), report_with({1, 1, 1, 1, 1, 1}));
  ASSERT_TRUE(compared) << compared.error().message;
  ASSERT_EQ(compared->size(), 1U);
  EXPECT_DOUBLE_EQ(compared->front().difference, 0.5);
  // Every case gains one of two, so no draw of cases can tell otherwise.
  EXPECT_DOUBLE_EQ(compared->front().interval.low, 0.5);
  EXPECT_DOUBLE_EQ(compared->front().interval.high, 0.5);
}

TEST(CompareReports, PairOnlyFiguresOfTheSameCandidatesWithAValueOfEachQuery) {
  EvaluationReport report = report_with({1, 0, 1, 1});
  report.figures.push_back(report.figures.front());
  report.figures.back().model.metric = "auroc";
  report.figures.back().model.values.clear();
  const auto read = report_from_json(to_json(report));
  ASSERT_TRUE(read) << read.error().message;
  const auto compared = compare_reports(*read, *read);
  ASSERT_TRUE(compared);
  EXPECT_EQ(compared->size(), 1U);
  EvaluationReport other = report_with({1, 0, 1, 1});
  other.figures.front().model.pool = "other captions";
  EXPECT_TRUE(compare_reports(report, other)->empty());
}

TEST(CompareReports, RefusesOtherPairsAndOtherDraws) {
  EvaluationReport other = report_with({1, 1, 1, 1});
  other.pairs_id = "another";
  const auto pairs = compare_reports(report_with({1, 0, 1, 0}), other);
  ASSERT_FALSE(pairs);
  EXPECT_EQ(pairs.error().kind, ErrorKind::kFailedPrecondition);
  other = report_with({1, 1, 1, 1});
  other.options.seed = 7;
  EXPECT_FALSE(compare_reports(report_with({1, 0, 1, 0}), other));
  other = report_with({1, 1, 1, 1});
  other.options.vote_ties = VoteTie::kSharedCredit;
  EXPECT_FALSE(compare_reports(report_with({1, 0, 1, 0}), other));
}

TEST(PairsId, ChangesWithWhatIsAsked) {
  EvaluationSet set;
  set.captions = {"a", "b"};
  set.patches = {{"p", 0, "s", "c", "", ""}, {"q", 1, "s", "c", "", ""}};
  set.queries = {0, 1};
  const std::string before = pairs_id_of(set);
  set.patches[1].caption = 0;
  EXPECT_NE(pairs_id_of(set), before);
}

}  // namespace
}  // namespace clippath
