// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>

#include "clippath/core/check.h"
#include "clippath/metrics.h"
#include "server/eval/random_draw.h"

namespace clippath {
namespace {

constexpr double kLowerTail = 0.025;

struct Sum {
  double total = 0;
  double count = 0;
};

/// What one case adds to each stratum.
using CaseSums = std::vector<std::pair<std::size_t, Sum>>;

double mean_of_means(const std::vector<Sum>& strata) {
  double sum = 0;
  double met = 0;
  for (const Sum& stratum : strata) {
    if (stratum.count == 0) continue;
    sum += stratum.total / stratum.count;
    ++met;
  }
  return met == 0 ? 0 : sum / met;
}

/// Strata as 0, 1, 2 ... in order of their numbers; all 0 without any.
std::vector<std::size_t> numbered(std::span<const std::int64_t> names, std::size_t count) {
  std::map<std::int64_t, std::size_t> numbers;
  for (const std::int64_t name : names) numbers.emplace(name, 0);
  std::size_t next = 0;
  for (auto& [name, number] : numbers) number = next++;
  std::vector<std::size_t> result(count, 0);
  for (std::size_t i = 0; i < names.size(); ++i) result[i] = numbers[names[i]];
  return result;
}

std::size_t count_of(const std::vector<std::size_t>& numbers) {
  return numbers.empty() ? 1 : *std::max_element(numbers.begin(), numbers.end()) + 1;
}

/// Linear between the two values around it.
double percentile(const std::vector<double>& sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(std::floor(place));
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

Interval interval_of(std::vector<double> drawn) {
  if (drawn.empty()) return {};
  std::sort(drawn.begin(), drawn.end());
  return {percentile(drawn, kLowerTail), percentile(drawn, 1 - kLowerTail)};
}

}  // namespace

double mean_of(std::span<const double> values, std::span<const std::int64_t> strata) {
  CLIPPATH_CHECK(strata.empty() || strata.size() == values.size());
  const auto stratum = numbered(strata, values.size());
  std::vector<Sum> sums(count_of(stratum));
  for (std::size_t i = 0; i < values.size(); ++i) {
    sums[stratum[i]].total += values[i];
    sums[stratum[i]].count += 1;
  }
  return mean_of_means(sums);
}

Interval bootstrap_interval(std::span<const double> values, std::span<const std::int64_t> cases,
                            const Bootstrap& bootstrap, std::span<const std::int64_t> strata) {
  CLIPPATH_CHECK(cases.size() == values.size());
  CLIPPATH_CHECK(strata.empty() || strata.size() == values.size());
  if (values.empty() || bootstrap.draws == 0) return {};
  const auto stratum = numbered(strata, values.size());
  const auto case_number = numbered(cases, values.size());
  std::vector<std::map<std::size_t, Sum>> of_case(count_of(case_number));
  for (std::size_t i = 0; i < values.size(); ++i) {
    Sum& sum = of_case[case_number[i]][stratum[i]];
    sum.total += values[i];
    sum.count += 1;
  }
  std::vector<CaseSums> sums;
  for (const auto& one : of_case) sums.emplace_back(one.begin(), one.end());
  RandomDraw random(bootstrap.seed);
  std::vector<double> means;
  for (std::size_t draw = 0; draw < bootstrap.draws; ++draw) {
    std::vector<Sum> drawn(count_of(stratum));
    for (std::size_t i = 0; i < sums.size(); ++i) {
      for (const auto& [number, sum] : sums[random.below(sums.size())]) {
        drawn[number].total += sum.total;
        drawn[number].count += sum.count;
      }
    }
    means.push_back(mean_of_means(drawn));
  }
  return interval_of(std::move(means));
}

Interval bootstrap_interval(const Statistic& statistic, std::span<const std::int64_t> cases,
                            const Bootstrap& bootstrap) {
  if (cases.empty()) return {};
  const auto case_number = numbered(cases, cases.size());
  RandomDraw random(bootstrap.seed);
  std::vector<double> values;
  for (std::size_t draw = 0; draw < bootstrap.draws; ++draw) {
    std::vector<double> times(count_of(case_number));
    for (std::size_t i = 0; i < times.size(); ++i) ++times[random.below(times.size())];
    std::vector<double> weights;
    for (const std::size_t number : case_number) weights.push_back(times[number]);
    if (const auto value = statistic(weights)) values.push_back(*value);
  }
  return interval_of(std::move(values));
}

}  // namespace clippath
