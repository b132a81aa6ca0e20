// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numeric>

#include "clippath/attention.h"

namespace clippath {
namespace {

using Map = std::vector<double>;

Map map_of(const AttentionMaps& maps, std::size_t layer, std::size_t head) {
  const auto map = maps.map(layer, head);
  return {map.begin(), map.end()};
}

Map mean_of_heads(const AttentionMaps& maps, std::size_t layer) {
  Map mean(maps.patches);
  for (std::size_t head = 0; head < maps.heads; ++head) {
    const auto map = maps.map(layer, head);
    for (std::size_t i = 0; i < map.size(); ++i) mean[i] += static_cast<double>(map[i]);
  }
  for (double& value : mean) value /= static_cast<double>(maps.heads);
  return mean;
}

Map greatest_of_heads(const AttentionMaps& maps, std::size_t layer) {
  Map greatest = map_of(maps, layer, 0);
  for (std::size_t head = 1; head < maps.heads; ++head) {
    const auto map = maps.map(layer, head);
    for (std::size_t i = 0; i < map.size(); ++i) {
      greatest[i] = std::max(greatest[i], static_cast<double>(map[i]));
    }
  }
  return greatest;
}

std::vector<Map> maps_of_layer(const AttentionMaps& maps, std::size_t layer, AttentionHeads heads) {
  switch (heads) {
    case AttentionHeads::kMean: return {mean_of_heads(maps, layer)};
    case AttentionHeads::kMax: return {greatest_of_heads(maps, layer)};
    case AttentionHeads::kEach: break;
  }
  std::vector<Map> each;
  for (std::size_t head = 0; head < maps.heads; ++head) each.push_back(map_of(maps, layer, head));
  return each;
}

/// Places of the values from the smallest to the greatest; equal ones in their order.
std::vector<std::size_t> rising_order(const Map& map) {
  std::vector<std::size_t> order(map.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&map](std::size_t a, std::size_t b) { return map[a] < map[b]; });
  return order;
}

/// Shifts and stretches a map; one without extent becomes 0.
void stretch(Map& map, double least, double extent) {
  for (double& value : map) value = extent > 0 ? (value - least) / extent : 0;
}

/// As facebookresearch/dino (visualize_attention.py): sorted, divided by the sum, summed up.
void cumulate(Map& map) {
  const double sum = std::accumulate(map.begin(), map.end(), 0.0);
  double below = 0;
  for (const std::size_t place : rising_order(map)) {
    below += sum > 0 ? map[place] / sum : 0;
    map[place] = below;
  }
}

/// Ranks from 1 by N; equal values share their mean rank.
void rank(Map& map) {
  const std::vector<std::size_t> order = rising_order(map);
  const auto count = static_cast<double>(map.size());
  Map ranks(map.size());
  for (std::size_t first = 0; first < order.size();) {
    std::size_t end = first;
    while (end < order.size() && map[order[end]] == map[order[first]]) ++end;
    const double mean = static_cast<double>(first + 1 + end) / 2;
    for (; first < end; ++first) ranks[order[first]] = mean / count;
  }
  map = std::move(ranks);
}

void apply(AttentionMode mode, Map& map) {
  const auto [least, greatest] = std::minmax_element(map.begin(), map.end());
  switch (mode) {
    case AttentionMode::kRaw: return;
    case AttentionMode::kScaled:
      for (double& value : map) value *= static_cast<double>(map.size());
      return;
    case AttentionMode::kMax: stretch(map, 0, *greatest); return;
    case AttentionMode::kMinMax: stretch(map, *least, *greatest - *least); return;
    case AttentionMode::kMass: cumulate(map); return;
    case AttentionMode::kRank: rank(map); return;
  }
}

}  // namespace

std::vector<double> attention_values(const AttentionMaps& maps, AttentionMode mode,
                                     AttentionHeads heads) {
  std::vector<double> values;
  for (std::size_t layer = 0; layer < maps.layers; ++layer) {
    for (Map& map : maps_of_layer(maps, layer, heads)) {
      apply(mode, map);
      values.insert(values.end(), map.begin(), map.end());
    }
  }
  return values;
}

}  // namespace clippath
