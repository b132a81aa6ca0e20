// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "clippath/core/result.h"

namespace clippath {

/// Which order counts where scores are bit-equal: the best one, the worst one, or the mean over all
/// orders, each equally likely.
enum class TieRule { kOptimistic, kPessimistic, kExpected };

/// Which class wins where several have the most votes: the one met first in the ranking, the one
/// with the lowest number, or each with an equal share.
enum class VoteTie { kFirstSeen, kLowestId, kSharedCredit };

/// `optimistic`, `pessimistic`, `expected`.
std::string_view to_string(TieRule rule);
/// `first_seen`, `lowest_id`, `shared_credit`.
std::string_view to_string(VoteTie rule);

/// One query's candidates in falling order of score, as groups of equal scores. All measures are in
/// [0, 1]. Immutable: share freely.
class RankedRow {
 public:
  /// @param scores    one a candidate; higher is better. Infinities are scores.
  /// @param positive  whether each candidate is right; as many.
  /// Fails: kInvalidArgument for a score that is not a number, no candidate, or lists of different
  /// lengths.
  static Result<RankedRow> make(std::span<const double> scores, const std::vector<bool>& positive);

  [[nodiscard]] std::size_t positives() const { return positives_; }

  /// Whether a positive stands among the first k. 0 without a positive.
  [[nodiscard]] double hit_at(std::size_t k, TieRule ties) const;
  /// 1 / place of the first positive. 0 without a positive.
  [[nodiscard]] double reciprocal_rank(TieRule ties) const;
  /// Share of the positives among the first k. 0 without a positive.
  [[nodiscard]] double recall_at(std::size_t k, TieRule ties) const;
  /// Mean over the positives of the precision at their places; divided by the number of all
  /// positives, whatever a cut-off may be. 0 without a positive.
  [[nodiscard]] double average_precision(TieRule ties) const;

 private:
  struct Group {
    std::size_t before = 0;  ///< candidates with a higher score
    std::size_t size = 0;
    std::size_t positives = 0;
  };

  [[nodiscard]] const Group* first_with_positives() const;

  std::vector<Group> groups_;
  std::size_t positives_ = 0;
};

/// Whether the class with the most votes among the first k is `right`; in [0, 1].
/// @param labels  class of each candidate, as many as scores; fewer than k candidates vote all.
/// Fails: as RankedRow::make; kInvalidArgument for k = 0; kTooLarge where so many scores are equal
/// around place k that their orders cannot be counted.
Result<double> majority_vote(std::span<const double> scores, std::span<const std::int64_t> labels,
                             std::int64_t right, std::size_t k, VoteTie votes, TieRule ties);

/// An interval of the resampled means.
struct Interval {
  double low = 0;
  double high = 0;
  friend bool operator==(const Interval&, const Interval&) = default;
};

/// How intervals are made: 95 %, by percentiles, over means of cases drawn with replacement.
struct Bootstrap {
  std::size_t draws = 1000;
  std::uint64_t seed = 0;
};

/// Mean of the values, or with `strata` the mean over strata of their means (balanced accuracy).
/// 0 without values.
double mean_of(std::span<const double> values, std::span<const std::int64_t> strata = {});

/// The interval of mean_of(values, strata). Cases are drawn whole, because the patches of one case
/// are not independent; the same seed draws the same cases. A stratum that a draw does not meet is
/// left out of that draw.
/// @param cases  of each value; as many as values.
Interval bootstrap_interval(std::span<const double> values, std::span<const std::int64_t> cases,
                            const Bootstrap& bootstrap, std::span<const std::int64_t> strata = {});

/// Something measured of all values at once, each counted as often as its weight says. Nothing
/// where those that count do not suffice.
using Statistic = std::function<std::optional<double>(std::span<const double> weights)>;

/// The interval of a statistic that is no mean of values; draws that it has nothing of are left
/// out. The same seed draws the same cases as above.
Interval bootstrap_interval(const Statistic& statistic, std::span<const std::int64_t> cases,
                            const Bootstrap& bootstrap);

}  // namespace clippath
