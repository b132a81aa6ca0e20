// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>

#include "clippath/core/each_processor.h"
#include "indexer/tissue/gray_pixels.h"
#include "indexer/tissue/ink.h"
#include "indexer/tissue/pixel_planes.h"
#include "indexer/tissue/quality_measures.h"

namespace clippath {
namespace {

constexpr int kBlackest = 40;

CLIPPATH_FOR_EACH_PROCESSOR
std::uint32_t count_black(const PixelPlanes& planes) {
  const std::size_t count = planes.count;
  std::uint32_t black = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t most = std::max(planes.red[i], std::max(planes.green[i], planes.blue[i]));
    black += most <= kBlackest ? 1U : 0U;
  }
  return black;
}

struct InkPixels {
  std::uint32_t red = 0;
  std::uint32_t green = 0;
};

CLIPPATH_FOR_EACH_PROCESSOR
void count_ink(const PixelPlanes& planes, InkPixels& ink) {
  ColourLanes red_ink = {};
  ColourLanes green_ink = {};
  std::size_t i = 0;
  for (; i + kColourLanes <= planes.count; i += kColourLanes) {
    const ColourLanes red = load_colours(planes.red + i);
    const ColourLanes green = load_colours(planes.green + i);
    const ColourLanes blue = load_colours(planes.blue + i);
    red_ink -= is_red_ink(red, green, blue);
    green_ink -= is_green_ink(red, green, blue);
  }
  for (std::size_t lane = 0; lane < kColourLanes; ++lane) {
    ink.red += static_cast<std::uint32_t>(red_ink[lane]);
    ink.green += static_cast<std::uint32_t>(green_ink[lane]);
  }
  for (; i < planes.count; ++i) {
    const int red = planes.red[i];
    const int green = planes.green[i];
    const int blue = planes.blue[i];
    ink.red += is_red_ink(red, green, blue) ? 1U : 0U;
    ink.green += is_green_ink(red, green, blue) ? 1U : 0U;
  }
}

}  // namespace

ColourMeasures measure_colours(const RgbImage& picture) {
  ColourMeasures measures;
  if (picture.empty()) return measures;
  measures.gray.resize(picture.pixels.size() / 3);
  std::uint32_t black = 0;
  InkPixels ink;
  each_planes(picture, [&](const PixelPlanes& planes, std::size_t first) {
    mix_gray(planes, measures.gray.data() + first);
    black += count_black(planes);
    count_ink(planes, ink);
  });
  const auto pixels = static_cast<double>(measures.gray.size());
  measures.black = black / pixels;
  measures.red_ink = ink.red / pixels;
  measures.green_ink = ink.green / pixels;
  return measures;
}

}  // namespace clippath
