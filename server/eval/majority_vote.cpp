// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "clippath/metrics.h"
#include "server/eval/score_order.h"

namespace clippath {
namespace {

// Sequences of labels that are counted one by one: under 0.1 s a query.
constexpr std::size_t kMaxSequences = 200'000;

/// The classes of the first places, over all orders of equal scores.
class Ballots {
 public:
  Ballots(std::vector<std::map<std::int64_t, std::size_t>> groups, std::int64_t right,
          std::size_t places, VoteTie votes)
      : groups_(std::move(groups)), right_(right), places_(places), votes_(votes) {}

  /// False where there are too many orders.
  bool count() { return extend(0, 1); }

  [[nodiscard]] double credit(TieRule ties) const {
    switch (ties) {
      case TieRule::kOptimistic: return most_;
      case TieRule::kPessimistic: return least_;
      case TieRule::kExpected: return expected_;
    }
    return 0;
  }

 private:
  /// Puts every label that may come next, with its chance. Equal labels are one choice.
  bool extend(std::size_t group, double chance) {
    if (sequence_.size() == places_) return judge(chance);
    std::map<std::int64_t, std::size_t>& left = groups_[group];
    double total = 0;
    for (const auto& [label, count] : left) total += static_cast<double>(count);
    if (total == 0) return extend(group + 1, chance);
    for (auto& [label, count] : left) {
      if (count == 0) continue;
      const double next = chance * static_cast<double>(count) / total;
      --count;
      sequence_.push_back(label);
      const bool counted = extend(group, next);
      sequence_.pop_back();
      ++count;
      if (!counted) return false;
    }
    return true;
  }

  bool judge(double chance) {
    if (++sequences_ > kMaxSequences) return false;
    const double credit = credit_of_sequence();
    most_ = std::max(most_, credit);
    least_ = std::min(least_, credit);
    expected_ += chance * credit;
    return true;
  }

  [[nodiscard]] double credit_of_sequence() const {
    std::map<std::int64_t, std::size_t> votes;
    std::size_t most = 0;
    for (const std::int64_t label : sequence_) most = std::max(most, ++votes[label]);
    if (!votes.contains(right_) || votes[right_] < most) return 0;
    const auto wins = [&](std::int64_t label) { return votes.at(label) == most; };
    switch (votes_) {
      case VoteTie::kFirstSeen:
        return *std::find_if(sequence_.begin(), sequence_.end(), wins) == right_ ? 1 : 0;
      case VoteTie::kLowestId:
        return std::find_if(
                   votes.begin(), votes.end(),
                   [&](const auto& vote) {
                     return wins(vote.first);
                   })->first == right_
                   ? 1
                   : 0;
      case VoteTie::kSharedCredit:
        return 1 /
               static_cast<double>(std::count_if(
                   votes.begin(), votes.end(), [&](const auto& vote) { return wins(vote.first); }));
    }
    return 0;
  }

  std::vector<std::map<std::int64_t, std::size_t>> groups_;
  const std::int64_t right_;
  const std::size_t places_;
  const VoteTie votes_;
  std::vector<std::int64_t> sequence_;
  std::size_t sequences_ = 0;
  double most_ = 0;
  double least_ = 1;
  double expected_ = 0;
};

}  // namespace

std::string_view to_string(VoteTie rule) {
  switch (rule) {
    case VoteTie::kFirstSeen: return "first_seen";
    case VoteTie::kLowestId: return "lowest_id";
    case VoteTie::kSharedCredit: return "shared_credit";
  }
  return "";
}

Result<double> majority_vote(std::span<const double> scores, std::span<const std::int64_t> labels,
                             std::int64_t right, std::size_t k, VoteTie votes, TieRule ties) {
  if (k == 0) return fail(ErrorKind::kInvalidArgument, "k: must be at least 1, is 0");
  CLIPPATH_TRY(const auto order, falling_order(scores, labels.size()));
  const std::size_t places = std::min(k, order.size());
  std::vector<std::map<std::int64_t, std::size_t>> groups;
  for (std::size_t place = 0; place < order.size(); ++place) {
    const bool new_group = place == 0 || scores[order[place]] != scores[order[place - 1]];
    if (new_group && place >= places) break;
    if (new_group) groups.emplace_back();
    ++groups.back()[labels[order[place]]];
  }
  Ballots ballots(std::move(groups), right, places, votes);
  if (!ballots.count()) {
    const std::string limit = std::to_string(kMaxSequences);
    return fail({ErrorKind::kTooLarge,
                 "votes: so many scores are equal that the first " + std::to_string(k) +
                     " places can have more than " + limit +
                     " rows of labels, which are not counted; let fewer vote (--votes 1)",
                 "votes", limit});
  }
  return ballots.credit(ties);
}

}  // namespace clippath
