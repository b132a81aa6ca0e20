// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "clippath/core/check.h"
#include "clippath/evaluation.h"
#include "server/eval/class_statistics.h"
#include "server/eval/figure_maker.h"

namespace clippath {
namespace {

constexpr double kAurocOfEqualScores = 0.5;

/// The queries that have one of the classes.
struct Asking {
  std::vector<std::size_t> queries;
  std::vector<std::size_t> own;  ///< class of each
  ScoreMatrix scores;

  void add(std::size_t query, std::size_t own_class, std::span<const double> of_classes) {
    queries.push_back(query);
    own.push_back(own_class);
    scores.values.insert(scores.values.end(), of_classes.begin(), of_classes.end());
    ++scores.rows;
  }
  /// By name, so that a list in another order gives the same strata.
  [[nodiscard]] std::vector<std::int64_t> strata(const std::vector<std::string>& classes) const {
    std::vector<std::string> names;
    for (const std::size_t one : own) names.push_back(classes[one]);
    return numbers_of(names);
  }
  [[nodiscard]] ScoreMatrix all_equal() const {
    return {scores.rows, scores.columns, std::vector<double>(scores.values.size())};
  }
};

}  // namespace

std::vector<std::string> classes_of(const EvaluationSet& set) {
  std::set<std::string> classes;
  for (const std::size_t query : set.queries) classes.insert(set.patches[query].class_name);
  classes.erase("");
  return {classes.begin(), classes.end()};
}

Result<std::vector<Figure>> evaluate_classes(const EvaluationSet& set,
                                             const std::vector<std::string>& classes,
                                             const ScoreMatrix& scores,
                                             const EvaluationOptions& options) {
  CLIPPATH_CHECK(scores.rows == set.queries.size() && scores.columns == classes.size());
  const auto head = [&](const std::string& metric, std::size_t k) {
    return Figure{"zero_shot", metric, "class",
                  k,           "none", "all " + std::to_string(classes.size()) + " classes"};
  };
  FigureMaker accuracy(head("accuracy", 1));
  FigureMaker balanced(head("balanced_accuracy", 1));
  Asking asking;
  asking.scores.columns = classes.size();
  for (std::size_t row = 0; row < set.queries.size(); ++row) {
    const std::size_t query = set.queries[row];
    const auto own = std::find(classes.begin(), classes.end(), set.patches[query].class_name);
    if (own == classes.end()) continue;
    std::vector<bool> positive(classes.size(), false);
    positive[static_cast<std::size_t>(own - classes.begin())] = true;
    CLIPPATH_TRY(const RankedRow ranked, RankedRow::make(scores.row(row), positive));
    const QueryValue value = measure_row(
        ranked, all_equal_row(positive),
        [](const RankedRow& measured, TieRule ties) { return measured.hit_at(1, ties); });
    accuracy.add(query, value);
    balanced.add(query, value);
    asking.add(query, static_cast<std::size_t>(own - classes.begin()), scores.row(row));
  }
  if (accuracy.empty()) {
    return fail(ErrorKind::kInvalidArgument, "no patch with a class to ask about");
  }
  std::vector<Figure> figures;
  figures.push_back(accuracy.finish(set, options.bootstrap));
  figures.push_back(balanced.finish(set, options.bootstrap, asking.strata(classes)));
  const ClassStatistics all(asking.scores, asking.own);
  const ClassStatistics all_equal(asking.all_equal(), asking.own);
  const std::vector<double> once(asking.queries.size(), 1);
  const auto f1 = figure_of_all(
      head("weighted_f1", 1), asking.queries,
      [&](auto weights, TieRule ties) { return all.weighted_f1(weights, ties); },
      all_equal.weighted_f1(once, TieRule::kExpected), set, options.bootstrap);
  const auto auroc = figure_of_all(
      head("auroc", 0), asking.queries,
      [&](auto weights, TieRule ties) { return all.auroc(weights, ties); }, kAurocOfEqualScores,
      set, options.bootstrap);
  for (const auto& figure : {f1, auroc}) {
    if (figure) figures.push_back(*figure);
  }
  return figures;
}

}  // namespace clippath
