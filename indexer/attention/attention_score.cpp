// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <functional>

#include "clippath/attention.h"
#include "clippath/core/check.h"

namespace clippath {
namespace {

/// What values must exceed. A mask that holds the mass t leaves the patches out whose sum, from the
/// least attended up, is at most 1 - t. The same formula turns it back.
double bar_of(AttentionMode mode, double threshold) {
  return mode == AttentionMode::kMass ? 1 - threshold : threshold;
}

/// The picture is kept exactly where this value exceeds the bar: of the fewest values that are more
/// than the share `keep`, the smallest.
double deciding_value(std::vector<double> values, double keep) {
  CLIPPATH_CHECK(!values.empty());
  const double count = static_cast<double>(values.size());
  std::size_t needed = static_cast<std::size_t>(keep * count);
  while (static_cast<double>(needed) / count <= keep) ++needed;
  const auto decides = values.begin() + static_cast<std::ptrdiff_t>(needed - 1);
  std::nth_element(values.begin(), decides, values.end(), std::greater<>());
  return *decides;
}

}  // namespace

double attention_score(std::span<const double> values, AttentionMode mode, double threshold) {
  CLIPPATH_CHECK(!values.empty());
  const double bar = bar_of(mode, threshold);
  const auto above =
      std::count_if(values.begin(), values.end(), [bar](double value) { return value > bar; });
  return static_cast<double>(above) / static_cast<double>(values.size());
}

double find_attention_threshold(const std::vector<std::vector<double>>& sample,
                                const AttentionRule& rule) {
  CLIPPATH_CHECK(rule.target_keep.has_value());
  std::vector<double> deciding;
  for (const auto& values : sample) deciding.push_back(deciding_value(values, rule.keep));
  std::sort(deciding.begin(), deciding.end());
  if (deciding.empty()) return bar_of(rule.mode, 0);  // nothing to go by: all are kept
  const auto wanted = static_cast<std::size_t>(
      std::llround((1 - *rule.target_keep) * static_cast<double>(deciding.size())));
  const std::size_t dropped = std::min(wanted, deciding.size() - 1);
  // No value is negative, so 0 stands for the picture before the first.
  const double last_out = dropped > 0 ? deciding[dropped - 1] : 0;
  return bar_of(rule.mode, (last_out + deciding[dropped]) / 2);
}

void AttentionScores::add(double score) {
  const auto bin = static_cast<std::size_t>(score * static_cast<double>(kBins));
  ++histogram[std::min(bin, kBins - 1)];
}

}  // namespace clippath
