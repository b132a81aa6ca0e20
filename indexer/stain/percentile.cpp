// SPDX-License-Identifier: Apache-2.0
#include "indexer/stain/percentile.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

#include "clippath/core/check.h"
#include "indexer/stain/lanes.h"

namespace clippath {
namespace {

// Percent of the ranks. A sample of 1,000 is wrong by 0.3 % at the 99th percentile (its standard
// deviation), so that hardly any second pass is needed.
constexpr double kMargin = 1;
constexpr double kMedian = 50;
// Few numbers are in the tail: most groups of so many have none.
constexpr std::size_t kGroup = 16;
// So few that what std::nth_element mispredicts no longer counts.
constexpr std::size_t kFew = 64;
// Each halves them, about; where pivots are bad, std::nth_element has an end that does not wait.
constexpr int kMostRounds = 32;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Where a percentile lies between two ranks.
struct Rank {
  std::size_t below = 0;
  double share = 0;  ///< of the way to the next one
};

Rank rank_of(double q, std::size_t count) {
  const double position = q / 100 * static_cast<double>(count - 1);
  const double below = std::floor(position);
  return {static_cast<std::size_t>(below), position - below};
}

/// Moves the numbers under the pivot to the front, without a branch that every other number would
/// mispredict; gives how many they are.
std::size_t move_under(double pivot, std::span<double> values) {
  std::size_t under = 0;
  for (double& value : values) {
    const double moved = value;
    value = values[under];
    values[under] = moved;
    under += moved < pivot ? 1 : 0;
  }
  return under;
}

double middle_of(double a, double b, double c) {
  return std::max(std::min(a, b), std::min(std::max(a, b), c));
}

/// std::nth_element without its mispredicted branches while there are many numbers.
void select_rank(std::size_t rank, std::span<double> values) {
  for (int round = 0; values.size() > kFew && round < kMostRounds; ++round) {
    const double pivot = middle_of(values.front(), values[values.size() / 2], values.back());
    const std::size_t under = move_under(pivot, values);
    if (under == 0) break;  // the pivot is the least: many may be equal to it
    const bool is_under = rank < under;
    values = is_under ? values.first(under) : values.subspan(under);
    rank -= is_under ? 0 : under;
  }
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(rank),
                   values.end());
}

/// @param values  without the smallest, which the rank does not count; reordered.
double value_at(Rank rank, std::span<double> values) {
  select_rank(rank.below, values);
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(rank.below);
  if (rank.share == 0) return *at;
  const double above = *std::min_element(at + 1, values.end());
  return *at + (above - *at) * rank.share;
}

}  // namespace

double percentile(std::span<double> values, double q) {
  CLIPPATH_CHECK(!values.empty() && q >= 0 && q <= 100);
  return value_at(rank_of(q, values.size()), values);
}

TailPercentile::TailPercentile(double q) : q_(q), sign_(q < kMedian ? -1 : 1), bound_(-kInfinity) {}

TailPercentile::TailPercentile(double q, std::span<double> sample) : TailPercentile(q) {
  const double inner = q - sign_ * kMargin;
  bound_ = sign_ * percentile(sample, inner);
}

CLIPPATH_FOR_EACH_PROCESSOR void TailPercentile::add(std::span<const double> values) {
  total_ += values.size();
  const std::size_t whole = values.size() / kGroup * kGroup;
  const Lanes sign = all_lanes(sign_);
  const Lanes bound = all_lanes(bound_);
  for (std::size_t i = 0; i < whole; i += kGroup) {
    Mask beyond{};
    for (std::size_t j = i; j < i + kGroup; j += kLanes) {
      beyond |= sign * load_lanes(values.data() + j) >= bound;
    }
    if (((beyond[0] | beyond[1]) | (beyond[2] | beyond[3])) != 0) keep(values.subspan(i, kGroup));
  }
  keep(values.subspan(whole));
}

void TailPercentile::keep(std::span<const double> values) {
  std::array<double, kGroup> kept;
  std::size_t count = 0;
  for (const double value : values) {
    kept[count] = value;
    count += sign_ * value >= bound_ ? 1 : 0;
  }
  kept_.insert(kept_.end(), kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(count));
}

std::optional<double> TailPercentile::value() {
  CLIPPATH_CHECK(total_ > 0);
  Rank rank = rank_of(q_, total_);
  const std::size_t below = sign_ < 0 ? 0 : total_ - kept_.size();
  if (rank.below < below) return std::nullopt;
  rank.below -= below;
  if (rank.below + (rank.share > 0 ? 1 : 0) >= kept_.size()) return std::nullopt;
  return value_at(rank, kept_);
}

}  // namespace clippath
