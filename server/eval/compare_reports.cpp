// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "clippath/evaluation_report.h"

namespace clippath {
namespace {

Result<void> require_same_question(const EvaluationReport& first, const EvaluationReport& second) {
  if (first.pairs_id != second.pairs_id) {
    return fail(ErrorKind::kFailedPrecondition,
                "the two files do not ask about the same pairs (pairs_id differs), so their "
                "figures cannot be paired: evaluate both models on one file");
  }
  const EvaluationOptions& a = first.options;
  const EvaluationOptions& b = second.options;
  if (a.seed != b.seed || a.candidate_draws != b.candidate_draws || a.candidates != b.candidates) {
    return fail(ErrorKind::kFailedPrecondition,
                "the two files were made with other seeds, draws or numbers of candidates, so "
                "their queries were offered different captions");
  }
  if (a.vote_ties != b.vote_ties) {
    return fail(ErrorKind::kFailedPrecondition,
                "the two files decide equal votes by different rules (vote_ties differs)");
  }
  return {};
}

}  // namespace

Result<std::vector<Comparison>> compare_reports(const EvaluationReport& first,
                                                const EvaluationReport& second) {
  CLIPPATH_TRY_VOID(require_same_question(first, second));
  std::vector<Comparison> comparisons;
  for (const auto& [a, unused] : first.figures) {
    const auto same =
        std::find_if(second.figures.begin(), second.figures.end(), [&](const auto& figure) {
          return name_of(figure.model) == name_of(a) && figure.model.pool == a.pool &&
                 figure.model.queries == a.queries && figure.model.strata == a.strata;
        });
    if (same == second.figures.end() || a.values.empty() || same->model.values.empty()) continue;
    std::vector<double> differences;
    for (std::size_t i = 0; i < a.values.size(); ++i) {
      differences.push_back(same->model.values[i] - a.values[i]);
    }
    comparisons.push_back(
        {name_of(a), a.queries.size(), a.value, same->model.value, mean_of(differences, a.strata),
         bootstrap_interval(differences, a.cases, first.options.bootstrap, a.strata)});
  }
  return comparisons;
}

Json to_json(const std::vector<Comparison>& comparisons) {
  Json list = Json::array();
  for (const Comparison& one : comparisons) {
    list.push_back({{"figure", one.name},
                    {"n", one.n},
                    {"first", one.first},
                    {"second", one.second},
                    {"difference", one.difference},
                    {"interval", {one.interval.low, one.interval.high}}});
  }
  return Json{{"comparisons", std::move(list)}};
}

}  // namespace clippath
