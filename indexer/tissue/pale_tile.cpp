// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>

#include "clippath/tissue.h"
#include "indexer/tissue/gray_pixels.h"
#include "indexer/tissue/ink.h"

namespace clippath {
namespace {

constexpr int kCells = 8;
constexpr int kLeastDarker = 20;
constexpr int kLeastColour = 30;
constexpr double kLeastShare = 0.1;
// Ink and dirt lie in another plane than tissue, and change more slowly.
constexpr double kLeastDetail = 2;

struct Cell {
  int left = 0;
  int top = 0;
  int right = 0;
  int bottom = 0;
};

bool differs_from_glass(const std::uint8_t* rgb, int gray, int glass) {
  const int red = rgb[0];
  const int green = rgb[1];
  const int blue = rgb[2];
  if (is_red_ink(red, green, blue) || is_green_ink(red, green, blue)) return false;
  const auto [least, most] = std::minmax({red, green, blue});
  return glass - gray >= kLeastDarker || most - least >= kLeastColour;
}

bool is_tissue(const RgbImage& picture, const std::vector<std::uint8_t>& gray, const Cell& cell,
               int glass) {
  std::int64_t pixels = 0;
  std::int64_t different = 0;
  std::int64_t detail = 0;
  for (int y = cell.top; y < cell.bottom; ++y) {
    const std::uint8_t* here = gray.data() + std::ptrdiff_t{y} * picture.width;
    const std::uint8_t* below = y + 1 < picture.height ? here + picture.width : here;
    for (int x = cell.left; x < cell.right; ++x) {
      const int right = x + 1 < picture.width ? here[x + 1] : here[x];
      detail += std::abs(right - here[x]) + std::abs(below[x] - here[x]);
      if (differs_from_glass(picture.row(y) + std::ptrdiff_t{x} * 3, here[x], glass)) ++different;
      ++pixels;
    }
  }
  const auto count = static_cast<double>(pixels);
  return static_cast<double>(different) >= kLeastShare * count &&
         static_cast<double>(detail) >= 2 * kLeastDetail * count;
}

}  // namespace

bool looks_like_tissue(const RgbImage& picture, const TissueRule& rule) {
  if (rule.preset != TissuePreset::kPale || picture.empty()) return true;
  const std::vector<std::uint8_t> gray = gray_pixels(picture);
  const int glass = glass_gray(histogram_of(gray));
  const int columns = std::min(kCells, picture.width);
  const int rows = std::min(kCells, picture.height);
  int tissue = 0;
  for (int row = 0; row < rows; ++row) {
    for (int column = 0; column < columns; ++column) {
      const Cell cell{column * picture.width / columns, row * picture.height / rows,
                      (column + 1) * picture.width / columns, (row + 1) * picture.height / rows};
      if (is_tissue(picture, gray, cell, glass)) ++tissue;
    }
  }
  return tissue >= rule.min_tissue * columns * rows;
}

}  // namespace clippath
