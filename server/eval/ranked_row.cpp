// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numeric>

#include "clippath/metrics.h"
#include "server/eval/score_order.h"

namespace clippath {
namespace {

/// Whether a positive stands in the first m of a group's n places, over all orders:
/// 1 - C(O, m) / C(n, m).
double chance_of_hit(std::size_t m, std::size_t n, std::size_t positives) {
  if (m >= n) return 1;
  double miss = 1;
  for (std::size_t i = 0; i < m; ++i) {
    if (n - positives <= i) return 1;
    miss *= static_cast<double>(n - positives - i) / static_cast<double>(n - i);
  }
  return 1 - miss;
}

}  // namespace

std::string_view to_string(TieRule rule) {
  switch (rule) {
    case TieRule::kOptimistic: return "optimistic";
    case TieRule::kPessimistic: return "pessimistic";
    case TieRule::kExpected: return "expected";
  }
  return "";
}

Result<RankedRow> RankedRow::make(std::span<const double> scores,
                                  const std::vector<bool>& positive) {
  CLIPPATH_TRY(const auto order, falling_order(scores, positive.size()));
  RankedRow row;
  for (std::size_t place = 0; place < order.size(); ++place) {
    if (place == 0 || scores[order[place]] != scores[order[place - 1]]) {
      row.groups_.push_back({place, 0, 0});
    }
    Group& group = row.groups_.back();
    ++group.size;
    if (positive[order[place]]) {
      ++group.positives;
      ++row.positives_;
    }
  }
  return row;
}

const RankedRow::Group* RankedRow::first_with_positives() const {
  const auto found = std::find_if(groups_.begin(), groups_.end(),
                                  [](const Group& group) { return group.positives > 0; });
  return found == groups_.end() ? nullptr : &*found;
}

double RankedRow::hit_at(std::size_t k, TieRule ties) const {
  const Group* best = first_with_positives();
  if (best == nullptr || k <= best->before) return 0;
  switch (ties) {
    case TieRule::kOptimistic: return 1;
    case TieRule::kPessimistic: return best->before + best->size - best->positives < k ? 1 : 0;
    case TieRule::kExpected: return chance_of_hit(k - best->before, best->size, best->positives);
  }
  return 0;
}

double RankedRow::reciprocal_rank(TieRule ties) const {
  const Group* best = first_with_positives();
  if (best == nullptr) return 0;
  const std::size_t others = best->size - best->positives;
  if (ties == TieRule::kOptimistic) return 1 / static_cast<double>(best->before + 1);
  if (ties == TieRule::kPessimistic) return 1 / static_cast<double>(best->before + others + 1);
  double sum = 0;
  double none_before = 1;  // no positive in the places before j
  for (std::size_t j = 1; j <= others + 1; ++j) {
    const auto left = static_cast<double>(best->size - j + 1);
    sum += none_before * static_cast<double>(best->positives) / left /
           static_cast<double>(best->before + j);
    none_before *= (left - static_cast<double>(best->positives)) / left;
  }
  return sum;
}

double RankedRow::recall_at(std::size_t k, TieRule ties) const {
  if (positives_ == 0) return 0;
  double found = 0;
  for (const Group& group : groups_) {
    if (group.before >= k) break;
    const std::size_t m = std::min(k - group.before, group.size);
    const std::size_t others = group.size - group.positives;
    switch (ties) {
      case TieRule::kOptimistic: found += static_cast<double>(std::min(group.positives, m)); break;
      case TieRule::kPessimistic: found += static_cast<double>(m > others ? m - others : 0); break;
      case TieRule::kExpected:
        found += static_cast<double>(group.positives * m) / static_cast<double>(group.size);
        break;
    }
  }
  return found / static_cast<double>(positives_);
}

double RankedRow::average_precision(TieRule ties) const {
  if (positives_ == 0) return 0;
  double sum = 0;
  double ahead = 0;  // positives in the groups before
  for (const Group& group : groups_) {
    const auto before = static_cast<double>(group.before);
    const auto size = static_cast<double>(group.size);
    const auto right = static_cast<double>(group.positives);
    if (ties == TieRule::kExpected) {
      const double each = group.size > 1 ? (right - 1) / (size - 1) : 0;
      for (double j = 1; j <= size && right > 0; ++j) {
        sum += right / size * (ahead + 1 + (j - 1) * each) / (before + j);
      }
    } else {
      const double skipped = ties == TieRule::kPessimistic ? size - right : 0;
      for (double j = 1; j <= right; ++j) sum += (ahead + j) / (before + skipped + j);
    }
    ahead += right;
  }
  return sum / static_cast<double>(positives_);
}

}  // namespace clippath
