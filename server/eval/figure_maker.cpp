// SPDX-License-Identifier: Apache-2.0
#include "server/eval/figure_maker.h"

#include "clippath/core/check.h"

namespace clippath {
namespace {

/// The case of whoever asks. A caption belongs to the first case that has it.
std::vector<std::string> cases_of(const EvaluationSet& set, const Figure& figure) {
  std::vector<std::string> cases;
  for (const std::size_t query : figure.queries) {
    if (figure.asked == Asked::kPatch) {
      cases.push_back(set.patches[query].case_id);
      continue;
    }
    for (const EvaluationPatch& patch : set.patches) {
      if (patch.caption != query) continue;
      cases.push_back(patch.case_id);
      break;
    }
  }
  return cases;
}

}  // namespace

std::string name_of(const Figure& figure) {
  return figure.preset + " " + figure.metric + " " + figure.by + " " + figure.leave_out;
}

RankedRow all_equal_row(const std::vector<bool>& positive) {
  auto row = RankedRow::make(std::vector<double>(positive.size()), positive);
  CLIPPATH_CHECK(row.has_value());
  return std::move(*row);
}

QueryValue measure_row(const RankedRow& row, const RankedRow& all_equal, const Measure& measure) {
  return {measure(row, TieRule::kOptimistic), measure(row, TieRule::kPessimistic),
          measure(row, TieRule::kExpected), measure(all_equal, TieRule::kExpected)};
}

void FigureMaker::add(std::size_t query, const QueryValue& value) {
  figure_.queries.push_back(query);
  figure_.values.push_back(value.pessimistic);
  optimistic_.push_back(value.optimistic);
  expected_.push_back(value.expected);
  if (value.chance) chances_.push_back(*value.chance);
}

Figure FigureMaker::finish(const EvaluationSet& set, const Bootstrap& bootstrap,
                           std::vector<std::int64_t> strata) {
  figure_.cases = numbers_of(cases_of(set, figure_));
  figure_.strata = std::move(strata);
  figure_.value = mean_of(figure_.values, figure_.strata);
  figure_.optimistic_ties = mean_of(optimistic_, figure_.strata);
  figure_.expected_ties = mean_of(expected_, figure_.strata);
  figure_.interval = bootstrap_interval(figure_.values, figure_.cases, bootstrap, figure_.strata);
  if (chances_.size() == figure_.values.size()) {
    figure_.chance = mean_of(chances_, figure_.strata);
  }
  return std::move(figure_);
}

std::optional<Figure> figure_of_all(Figure head, std::vector<std::size_t> queries,
                                    const TiedStatistic& statistic, double chance,
                                    const EvaluationSet& set, const Bootstrap& bootstrap) {
  const std::vector<double> once(queries.size(), 1);
  const auto value = statistic(once, TieRule::kPessimistic);
  if (!value) return std::nullopt;
  head.queries = std::move(queries);
  head.cases = numbers_of(cases_of(set, head));
  head.value = *value;
  head.optimistic_ties = statistic(once, TieRule::kOptimistic).value();
  head.expected_ties = statistic(once, TieRule::kExpected).value();
  head.interval = bootstrap_interval(
      [&](std::span<const double> weights) { return statistic(weights, TieRule::kPessimistic); },
      head.cases, bootstrap);
  head.chance = chance;
  return head;
}

std::vector<std::int64_t> numbers_of(const std::vector<std::string>& texts) {
  std::map<std::string, std::int64_t> numbers;
  for (const std::string& text : texts) numbers.emplace(text, 0);
  std::int64_t next = 0;
  for (auto& [text, number] : numbers) number = next++;
  std::vector<std::int64_t> result;
  for (const std::string& text : texts) result.push_back(numbers[text]);
  return result;
}

}  // namespace clippath
