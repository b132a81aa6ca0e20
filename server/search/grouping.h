// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "server/search/ranking.h"

namespace clippath {

/// Which group a row belongs to.
using GroupOf = std::function<std::uint32_t(std::int64_t row)>;

struct Grouping {
  std::vector<Ranking> groups;  ///< in the order of their best row; each with its best rows first
  bool exhausted = true;        ///< no group was left out
};

/// Gathers a ranking into its first `max_groups` groups of at most `group_size` rows. The first row
/// of a group ranks it, so one pass over the ranking is exact.
Grouping group_ranking(const Ranking& ranking, const GroupOf& group_of, std::size_t max_groups,
                       std::size_t group_size);

/// The best row of every group, in the order of the ranking.
Ranking best_of_groups(const Ranking& ranking, const GroupOf& group_of);

}  // namespace clippath
