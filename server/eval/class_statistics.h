// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "clippath/evaluation.h"

namespace clippath {

/// What is asked of all queries at once; a query counts as often as its weight says. Immutable.
class ClassStatistics {
 public:
  /// @param scores  `[queries, classes]`, higher is better, comparable between queries.
  /// @param own     class of each query.
  /// Requires: a class; scores that are numbers.
  ClassStatistics(ScoreMatrix scores, std::vector<std::size_t> own);

  /// F1 of each class, the mean weighted by its queries. A query goes to the class with the highest
  /// score; of equal ones to its own (optimistic), to the first other (pessimistic), or in equal
  /// parts to each (expected).
  [[nodiscard]] double weighted_f1(std::span<const double> weights, TieRule ties) const;

  /// For two classes a, b: how often a query of a has a higher score for a than a query of b has;
  /// the mean over all ordered pairs (macro one-vs-one, Hand and Till 2001). Equal scores count
  /// 1 (optimistic), 0 (pessimistic) or a half (expected, the mid-rank of Mann and Whitney).
  /// Nothing where fewer than two classes have a query.
  [[nodiscard]] std::optional<double> auroc(std::span<const double> weights, TieRule ties) const;

 private:
  struct ByScore {
    double score = 0;
    std::size_t query = 0;
  };

  /// How often the queries of a class score above those of each other, for that class.
  [[nodiscard]] std::vector<double> wins_of(std::size_t of, std::span<const double> weights,
                                            double of_equal) const;

  std::size_t classes_;
  std::vector<std::size_t> own_;
  std::vector<std::vector<std::size_t>> highest_;  ///< of each query, rising
  std::vector<std::vector<ByScore>> rising_;       ///< of each class, by its scores
};

}  // namespace clippath
