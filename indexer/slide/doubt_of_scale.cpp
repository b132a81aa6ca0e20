// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "clippath/core/short_text.h"
#include "clippath/slide.h"

namespace clippath {
namespace {

constexpr double kMppAtOneX = 10;

}  // namespace

std::optional<std::string> doubt_of(MicronsPerPixel mpp, std::optional<double> objective) {
  if (!objective) return std::nullopt;
  if (std::abs(std::log2(mpp.value * *objective / kMppAtOneX)) <= kNominalOctaves)
    return std::nullopt;
  return short_text(mpp.value) + " um a pixel does not fit the stated objective of " +
         short_text(*objective) + "x";
}

}  // namespace clippath
