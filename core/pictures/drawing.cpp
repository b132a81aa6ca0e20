// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "clippath/core/check.h"
#include "clippath/core/pictures.h"
#include "clippath/core/resample.h"

namespace clippath {
namespace {

constexpr int kMarginPx = 8;
constexpr int kLinePx = 16;
constexpr double kFontScale = 0.38;
constexpr int kFont = cv::FONT_HERSHEY_SIMPLEX;

cv::Mat as_matrix(RgbImage& image) {
  return {image.height, image.width, CV_8UC3, image.pixels.data()};
}

int text_width(const std::string& text) {
  return cv::getTextSize(text, kFont, kFontScale, 1, nullptr).width;
}

std::string fitted(const std::string& text, int width_px) {
  std::string line = drawable_text(text);
  if (text_width(line) <= width_px) return line;
  while (!line.empty() && text_width(line + "...") > width_px) line.pop_back();
  return line + "...";
}

RgbImage shrunk_to(const RgbImage& picture, int side_px) {
  const int longer = std::max(picture.width, picture.height);
  if (longer <= side_px) return picture;
  const auto scaled = [&](int side) {
    return std::max(1, static_cast<int>(std::lround(1.0 * side * side_px / longer)));
  };
  return resample(picture, scaled(picture.width), scaled(picture.height),
                  ResampleFilter::kBilinear);
}

void paste(RgbImage& sheet, const RgbImage& picture, int left, int top) {
  for (int y = 0; y < picture.height; ++y) {
    std::copy_n(picture.row(y), static_cast<std::size_t>(picture.width) * 3,
                sheet.row(top + y) + static_cast<std::size_t>(left) * 3);
  }
}

}  // namespace

std::string drawable_text(const std::string& text) {
  std::string ascii;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0U) == 0x80U)
      continue;  // the rest of a UTF-8 character whose first byte gave the '?'
    ascii += byte >= 0x20 && byte < 0x7F ? c : '?';
  }
  return ascii;
}

void draw_outline(RgbImage& image, const Level0Rect& rect, std::array<std::uint8_t, 3> rgb,
                  int thickness) {
  const cv::Rect box(static_cast<int>(rect.x), static_cast<int>(rect.y),
                     static_cast<int>(rect.width), static_cast<int>(rect.height));
  cv::Mat matrix = as_matrix(image);
  cv::rectangle(matrix, box, cv::Scalar(rgb[0], rgb[1], rgb[2]), thickness);
}

RgbImage make_contact_sheet(const std::vector<SheetCell>& cells, int columns, int cell_px) {
  CLIPPATH_CHECK(columns >= 1 && cell_px >= 16);
  std::size_t lines = 0;
  for (const SheetCell& cell : cells)
    lines = std::max(lines, std::min<std::size_t>(cell.lines.size(), 3));
  const int cell_height = cell_px + static_cast<int>(lines) * kLinePx + kMarginPx;
  const int rows = (static_cast<int>(cells.size()) + columns - 1) / columns;
  RgbImage sheet =
      RgbImage::filled(columns * (cell_px + kMarginPx) + kMarginPx,
                       std::max(1, rows) * (cell_height + kMarginPx) + kMarginPx, 255, 255, 255);
  cv::Mat matrix = as_matrix(sheet);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const int left = kMarginPx + static_cast<int>(i) % columns * (cell_px + kMarginPx);
    const int top = kMarginPx + static_cast<int>(i) / columns * (cell_height + kMarginPx);
    const RgbImage picture = shrunk_to(cells[i].picture, cell_px);
    paste(sheet, picture, left + (cell_px - picture.width) / 2,
          top + (cell_px - picture.height) / 2);
    for (std::size_t line = 0; line < std::min<std::size_t>(cells[i].lines.size(), 3); ++line) {
      const cv::Point baseline(left, top + cell_px + (static_cast<int>(line) + 1) * kLinePx - 3);
      cv::putText(matrix, fitted(cells[i].lines[line], cell_px), baseline, kFont, kFontScale,
                  cv::Scalar(30, 30, 30), 1, cv::LINE_AA);
    }
  }
  return sheet;
}

}  // namespace clippath
