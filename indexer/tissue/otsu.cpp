// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "clippath/core/check.h"
#include "clippath/tissue.h"

namespace clippath {

std::optional<int> otsu_threshold(const std::vector<std::int64_t>& histogram) {
  CLIPPATH_CHECK(histogram.size() == 256);
  const auto filled =
      std::count_if(histogram.begin(), histogram.end(), [](std::int64_t n) { return n > 0; });
  if (filled < 2) return std::nullopt;

  double total = 0;
  double total_sum = 0;
  for (std::size_t i = 0; i < histogram.size(); ++i) {
    total += static_cast<double>(histogram[i]);
    total_sum += static_cast<double>(histogram[i]) * static_cast<double>(i);
  }
  double dark = 0;
  double dark_sum = 0;
  double best_variance = -1;
  int best = 0;
  for (int t = 0; t < 256; ++t) {
    const auto count = static_cast<double>(histogram[static_cast<std::size_t>(t)]);
    dark += count;
    dark_sum += count * t;
    const double bright = total - dark;
    // Where a bin is empty the classes, and so the variance, are those of the bin before: the
    // smallest threshold stands.
    if (count == 0 || dark == 0 || bright == 0) continue;
    const double difference = dark_sum / dark - (total_sum - dark_sum) / bright;
    const double variance = dark * bright * difference * difference;
    if (variance > best_variance) {
      best_variance = variance;
      best = t;
    }
  }
  return best;
}

}  // namespace clippath
