// SPDX-License-Identifier: Apache-2.0
#include "server/eval/score_order.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

namespace clippath {

Result<std::vector<std::size_t>> falling_order(std::span<const double> scores, std::size_t labels) {
  if (scores.empty()) return fail(ErrorKind::kInvalidArgument, "no candidate to rank");
  if (labels != scores.size()) {
    return fail(ErrorKind::kInvalidArgument, std::to_string(scores.size()) + " scores, but " +
                                                 std::to_string(labels) + " labels");
  }
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (std::isnan(scores[i])) {
      return fail(ErrorKind::kInvalidArgument,
                  "score of candidate " + std::to_string(i) + " is not a number");
    }
  }
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  return order;
}

}  // namespace clippath
