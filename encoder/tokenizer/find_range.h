// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <span>

namespace clippath {

/// The range that holds a code point; null where none does.
/// @param ranges  of anything with `first` and `last`, both within; sorted, apart.
template <class Range>
const Range* find_range(std::span<const Range> ranges, char32_t code) {
  const auto found =
      std::lower_bound(ranges.begin(), ranges.end(), code,
                       [](const Range& range, char32_t wanted) { return range.last < wanted; });
  return found != ranges.end() && found->first <= code ? &*found : nullptr;
}

}  // namespace clippath
