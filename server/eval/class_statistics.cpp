// SPDX-License-Identifier: Apache-2.0
#include "server/eval/class_statistics.h"

#include <algorithm>

#include "clippath/core/check.h"

namespace clippath {
namespace {

std::vector<std::size_t> highest_of(std::span<const double> scores) {
  const double most = *std::max_element(scores.begin(), scores.end());
  std::vector<std::size_t> highest;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (scores[i] == most) highest.push_back(i);
  }
  return highest;
}

/// Where a query goes that several classes would take.
std::vector<std::size_t> taken_by(const std::vector<std::size_t>& highest, std::size_t own,
                                  TieRule ties) {
  if (ties == TieRule::kExpected) return highest;
  const bool own_is_there = std::binary_search(highest.begin(), highest.end(), own);
  if (ties == TieRule::kOptimistic && own_is_there) return {own};
  return {highest.front() == own && highest.size() > 1 ? highest[1] : highest.front()};
}

double of_equal_scores(TieRule ties) {
  switch (ties) {
    case TieRule::kOptimistic: return 1;
    case TieRule::kPessimistic: return 0;
    case TieRule::kExpected: return 0.5;
  }
  return 0;
}

}  // namespace

ClassStatistics::ClassStatistics(ScoreMatrix scores, std::vector<std::size_t> own)
    : classes_(scores.columns), own_(std::move(own)), rising_(scores.columns) {
  CLIPPATH_CHECK(classes_ > 0 && own_.size() == scores.rows);
  for (std::size_t query = 0; query < scores.rows; ++query) {
    highest_.push_back(highest_of(scores.row(query)));
    for (std::size_t i = 0; i < classes_; ++i) rising_[i].push_back({scores.row(query)[i], query});
  }
  for (std::vector<ByScore>& one : rising_) {
    std::stable_sort(one.begin(), one.end(),
                     [](const ByScore& a, const ByScore& b) { return a.score < b.score; });
  }
}

double ClassStatistics::weighted_f1(std::span<const double> weights, TieRule ties) const {
  std::vector<double> there(classes_);
  std::vector<double> said(classes_);
  std::vector<double> right(classes_);
  double all = 0;
  for (std::size_t query = 0; query < own_.size(); ++query) {
    there[own_[query]] += weights[query];
    all += weights[query];
    const auto taken = taken_by(highest_[query], own_[query], ties);
    const double part = weights[query] / static_cast<double>(taken.size());
    for (const std::size_t one : taken) {
      said[one] += part;
      if (one == own_[query]) right[one] += part;
    }
  }
  double sum = 0;
  for (std::size_t i = 0; i < classes_; ++i) {
    if (there[i] > 0) sum += there[i] * 2 * right[i] / (there[i] + said[i]);
  }
  return sum / all;
}

std::optional<double> ClassStatistics::auroc(std::span<const double> weights, TieRule ties) const {
  std::vector<double> there(classes_);
  for (std::size_t query = 0; query < own_.size(); ++query) there[own_[query]] += weights[query];
  double sum = 0;
  double pairs = 0;
  for (std::size_t of = 0; of < classes_; ++of) {
    if (there[of] == 0) continue;
    const std::vector<double> wins = wins_of(of, weights, of_equal_scores(ties));
    for (std::size_t other = 0; other < classes_; ++other) {
      if (other == of || there[other] == 0) continue;
      sum += wins[other] / (there[of] * there[other]);
      ++pairs;
    }
  }
  if (pairs == 0) return std::nullopt;
  return sum / pairs;
}

std::vector<double> ClassStatistics::wins_of(std::size_t of, std::span<const double> weights,
                                             double of_equal) const {
  const std::vector<ByScore>& rising = rising_[of];
  std::vector<double> wins(classes_);
  std::vector<double> below(classes_);
  for (std::size_t begin = 0, end = 0; begin < rising.size(); begin = end) {
    double asking = 0;
    for (; end < rising.size() && rising[end].score == rising[begin].score; ++end) {
      if (own_[rising[end].query] == of) asking += weights[rising[end].query];
    }
    for (std::size_t i = 0; i < classes_ && asking > 0; ++i) wins[i] += asking * below[i];
    for (std::size_t i = begin; i < end; ++i) {
      const std::size_t query = rising[i].query;
      wins[own_[query]] += asking * of_equal * weights[query];
      below[own_[query]] += weights[query];
    }
  }
  return wins;
}

}  // namespace clippath
