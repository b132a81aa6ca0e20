// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "clippath/core/check.h"
#include "clippath/evaluation.h"
#include "server/eval/figure_maker.h"

namespace clippath {

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
  const Figure head{"zero_shot", "accuracy", "class",
                    1,           "none",     "all " + std::to_string(classes.size()) + " classes"};
  FigureMaker accuracy(head);
  Figure balanced_head = head;
  balanced_head.metric = "balanced_accuracy";
  FigureMaker balanced(balanced_head);
  std::vector<std::int64_t> strata;
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
    strata.push_back(own - classes.begin());
  }
  if (accuracy.empty()) {
    return fail(ErrorKind::kInvalidArgument, "no patch with a class to ask about");
  }
  std::vector<Figure> figures;
  figures.push_back(accuracy.finish(set, options.bootstrap));
  figures.push_back(balanced.finish(set, options.bootstrap, strata));
  return figures;
}

}  // namespace clippath
