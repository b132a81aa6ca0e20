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
// Few numbers are within the window: most groups of so many have none.
constexpr std::size_t kGroup = 16;
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

/// @param values  without the smallest, which the rank does not count; reordered.
double value_at(Rank rank, std::span<double> values) {
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(rank.below);
  std::nth_element(values.begin(), at, values.end());
  if (rank.share == 0) return *at;
  const double above = *std::min_element(at + 1, values.end());
  return *at + (above - *at) * rank.share;
}

}  // namespace

double percentile(std::span<double> values, double q) {
  CLIPPATH_CHECK(!values.empty() && q >= 0 && q <= 100);
  return value_at(rank_of(q, values.size()), values);
}

PercentileWindow::PercentileWindow(double q) : q_(q), low_(-kInfinity), high_(kInfinity) {}

PercentileWindow::PercentileWindow(double q, std::span<double> sample) : PercentileWindow(q) {
  if (q > kMargin) low_ = percentile(sample, q - kMargin);
  if (q < 100 - kMargin) high_ = percentile(sample, q + kMargin);
}

CLIPPATH_FOR_EACH_PROCESSOR void PercentileWindow::add(std::span<const double> values) {
  total_ += values.size();
  const std::size_t whole = values.size() / kGroup * kGroup;
  const Lanes low = all_lanes(low_);
  const Lanes high = all_lanes(high_);
  Mask below{};
  for (std::size_t i = 0; i < whole; i += kGroup) {
    Mask within{};
    for (std::size_t j = i; j < i + kGroup; j += kLanes) {
      const Lanes lanes = load_lanes(values.data() + j);
      const Mask under = lanes < low;
      below -= under;
      within |= ~under & (lanes <= high);
    }
    if (((within[0] | within[1]) | (within[2] | within[3])) != 0) keep(values.subspan(i, kGroup));
  }
  below_ += static_cast<std::size_t>((below[0] + below[1]) + (below[2] + below[3]));
  for (const double value : values.subspan(whole)) below_ += value < low_ ? 1 : 0;
  keep(values.subspan(whole));
}

void PercentileWindow::keep(std::span<const double> values) {
  std::array<double, kGroup> kept;
  std::size_t count = 0;
  for (const double value : values) {
    kept[count] = value;
    count += value >= low_ && value <= high_ ? 1 : 0;
  }
  kept_.insert(kept_.end(), kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(count));
}

std::optional<double> PercentileWindow::value() {
  CLIPPATH_CHECK(total_ > 0);
  Rank rank = rank_of(q_, total_);
  if (rank.below < below_) return std::nullopt;
  rank.below -= below_;
  if (rank.below + (rank.share > 0 ? 1 : 0) >= kept_.size()) return std::nullopt;
  return value_at(rank, kept_);
}

}  // namespace clippath
