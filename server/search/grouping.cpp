// SPDX-License-Identifier: Apache-2.0
#include "server/search/grouping.h"

#include <unordered_map>
#include <unordered_set>

namespace clippath {

Grouping group_ranking(const Ranking& ranking, const GroupOf& group_of, std::size_t max_groups,
                       std::size_t group_size) {
  Grouping grouping;
  std::unordered_map<std::uint32_t, std::size_t> place_of;
  for (const Candidate& candidate : ranking) {
    const std::uint32_t number = group_of(candidate.hit.row);
    auto place = place_of.find(number);
    if (place == place_of.end()) {
      if (grouping.groups.size() == max_groups) {
        grouping.exhausted = false;
        continue;
      }
      place = place_of.emplace(number, grouping.groups.size()).first;
      grouping.groups.emplace_back();
    }
    Ranking& group = grouping.groups[place->second];
    if (group.size() < group_size) group.push_back(candidate);
  }
  return grouping;
}

Ranking best_of_groups(const Ranking& ranking, const GroupOf& group_of) {
  std::unordered_set<std::uint32_t> seen;
  Ranking best;
  for (const Candidate& candidate : ranking) {
    if (seen.insert(group_of(candidate.hit.row)).second) best.push_back(candidate);
  }
  return best;
}

}  // namespace clippath
