// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace clippath {

/// At most `most` of the items, evenly spread, in their order.
template <class Item>
std::vector<Item> spread_sample(const std::vector<Item>& items, std::size_t most) {
  const std::size_t count = std::min(items.size(), most);
  std::vector<Item> sample;
  sample.reserve(count);
  for (std::size_t i = 0; i < count; ++i) sample.push_back(items[i * items.size() / count]);
  return sample;
}

}  // namespace clippath
