// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "clippath/evaluation.h"

namespace clippath {

/// What one query adds to a figure.
struct QueryValue {
  double optimistic = 0;
  double pessimistic = 0;
  double expected = 0;
  std::optional<double> chance;
};

/// A measure of a row under a tie rule.
using Measure = std::function<double(const RankedRow&, TieRule)>;

/// `measure` of a row, and of one with all scores equal.
QueryValue measure_row(const RankedRow& row, const RankedRow& all_equal, const Measure& measure);

/// The row's candidates with no score to tell them apart. Requires: at least one.
RankedRow all_equal_row(const std::vector<bool>& positive);

/// Collects the queries of one figure.
class FigureMaker {
 public:
  /// @param head  the figure's names; its values are filled in.
  explicit FigureMaker(Figure head) : figure_(std::move(head)) {}

  void add(std::size_t query, const QueryValue& value);
  [[nodiscard]] bool empty() const { return figure_.queries.empty(); }
  /// Mean, interval and chance. The strata, if any, are those of the queries in order.
  Figure finish(const EvaluationSet& set, const Bootstrap& bootstrap,
                std::vector<std::int64_t> strata = {});

 private:
  Figure figure_;
  std::vector<double> optimistic_;
  std::vector<double> expected_;
  std::vector<double> chances_;
};

/// A statistic under a tie rule.
using TiedStatistic =
    std::function<std::optional<double>(std::span<const double> weights, TieRule ties)>;

/// A figure of all queries at once, without a value of each. Nothing where the statistic has none
/// of them.
std::optional<Figure> figure_of_all(Figure head, std::vector<std::size_t> queries,
                                    const TiedStatistic& statistic, double chance,
                                    const EvaluationSet& set, const Bootstrap& bootstrap);

/// Texts as numbers 0, 1, 2 ... in alphabetical order.
std::vector<std::int64_t> numbers_of(const std::vector<std::string>& texts);

}  // namespace clippath
