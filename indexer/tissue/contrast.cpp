// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstddef>

#include "clippath/core/each_processor.h"
#include "indexer/tissue/quality_measures.h"

namespace clippath {
namespace {

struct Moments {
  std::int64_t sum = 0;
  std::int64_t squares = 0;
};

// Grays whose squares certainly add up to less than 2^32.
constexpr std::size_t kMostGrays = 65'536;

/// @param count  at most kMostGrays.
CLIPPATH_FOR_EACH_PROCESSOR
Moments moments_of(const std::uint8_t* gray, std::size_t count) {
  std::uint32_t sum = 0;
  std::uint32_t squares = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t value = gray[i];
    sum += value;
    squares += value * value;
  }
  return {sum, squares};
}

}  // namespace

double contrast(const std::vector<std::uint8_t>& gray) {
  if (gray.empty()) return 0;
  Moments all;
  for (std::size_t first = 0; first < gray.size(); first += kMostGrays) {
    const Moments some = moments_of(gray.data() + first, std::min(kMostGrays, gray.size() - first));
    all.sum += some.sum;
    all.squares += some.squares;
  }
  const auto count = static_cast<double>(gray.size());
  const double mean = static_cast<double>(all.sum) / count;
  return std::sqrt(std::max(0.0, static_cast<double>(all.squares) / count - mean * mean));
}

}  // namespace clippath
