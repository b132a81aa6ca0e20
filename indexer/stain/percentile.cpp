// SPDX-License-Identifier: Apache-2.0
#include "indexer/stain/percentile.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "clippath/core/check.h"

namespace clippath {

double percentile(std::span<double> values, double q) {
  CLIPPATH_CHECK(!values.empty() && q >= 0 && q <= 100);
  const double position = q / 100 * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::ptrdiff_t>(std::floor(position));
  const double share = position - static_cast<double>(below);
  const auto at = values.begin() + below;
  std::nth_element(values.begin(), at, values.end());
  if (share == 0) return *at;
  const double above = *std::min_element(at + 1, values.end());
  return *at + (above - *at) * share;
}

}  // namespace clippath
