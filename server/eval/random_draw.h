// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

namespace clippath {

/// Whole numbers by chance, the same on every machine: the distributions of the standard library
/// are each vendor's own. One thread at a time.
class RandomDraw {
 public:
  explicit RandomDraw(std::uint64_t seed) : engine_(seed) {}

  /// In [0, limit), each equally likely. limit >= 1.
  std::size_t below(std::size_t limit) {
    const std::uint64_t whole = std::numeric_limits<std::uint64_t>::max() / limit * limit;
    std::uint64_t number = engine_();
    while (number >= whole) number = engine_();
    return static_cast<std::size_t>(number % limit);
  }

  /// Moves `count` of the items, drawn without replacement, to the front.
  template <class T>
  void draw_to_front(std::vector<T>& items, std::size_t count) {
    for (std::size_t i = 0; i < count && i < items.size(); ++i) {
      std::swap(items[i], items[i + below(items.size() - i)]);
    }
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace clippath
