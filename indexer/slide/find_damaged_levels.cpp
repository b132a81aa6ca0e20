// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "clippath/slide.h"

namespace clippath {
namespace {

constexpr std::int64_t kTrialPx = 64;

}  // namespace

std::vector<std::string> find_damaged_levels(const SlideReader& slide) {
  const Level0Rect& bounds = slide.info().bounds;
  const Level0Point middle{bounds.x + bounds.width / 2, bounds.y + bounds.height / 2};
  std::vector<std::string> damaged;
  for (std::size_t i = 0; i < slide.info().levels.size(); ++i) {
    const PixelSize size = slide.info().levels[i].size;
    const PixelSize trial{std::min(size.width, kTrialPx), std::min(size.height, kTrialPx)};
    const auto read = slide.read(middle, static_cast<int>(i), trial);
    if (read) continue;
    damaged.push_back("level " + std::to_string(i) +
                      " cannot be decoded in its middle, so the file is damaged or cut short: " +
                      read.error().message);
  }
  return damaged;
}

}  // namespace clippath
