// SPDX-License-Identifier: Apache-2.0
#include "clippath/tissue_overlay.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "clippath/core/check.h"

namespace clippath {
namespace {

constexpr int kLongerSide = 1200;
constexpr int kLeastWidth = 560;  // room for the legend
constexpr int kMarginPx = 12;
constexpr int kLinePx = 26;
constexpr int kSwatchPx = 16;
constexpr int kEntryPx = 180;
constexpr int kSpeckPx = 9;
constexpr int kThinFramePx = 24;  // tiles below this side get a thin frame
constexpr double kFillOpacity = 0.45;
constexpr double kVeilOpacity = 0.35;
constexpr int kFont = cv::FONT_HERSHEY_SIMPLEX;
constexpr double kFontScale = 0.5;

using Colour = cv::Scalar;
const Colour kText(30, 30, 30);
const Colour kKept(0, 90, 181);
const Colour kMaskOutline(0, 0, 0);

// Told apart by readers who see red and green alike (after Okabe and Ito, 2008), on pink and violet
// tissue.
Colour colour_of(DropReason reason) {
  switch (reason) {
    case DropReason::kBackground: return {150, 150, 150};
    case DropReason::kReadError: return {240, 228, 66};
    case DropReason::kWhite: return {86, 180, 233};
    case DropReason::kBlank: return {120, 80, 40};
    case DropReason::kBlack: return {20, 20, 20};
    case DropReason::kPenRed: return {220, 20, 20};
    case DropReason::kPenGreen: return {0, 158, 80};
    case DropReason::kBlur: return {230, 159, 0};
    case DropReason::kAttention: return {204, 121, 167};
    case DropReason::kOutsideRegions: return {190, 190, 210};
    case DropReason::kExcluded: return {90, 60, 140};
  }
  return kText;
}

/// The slide's frame on the canvas.
class Frame {
 public:
  Frame(const Level0Rect& covered, const RgbImage& picture)
      : covered_(covered),
        scale_(static_cast<double>(kLongerSide) / std::max(picture.width, picture.height)),
        size_(side(picture.width), side(picture.height)),
        level0_per_px_(static_cast<double>(covered.width) / size_.width) {}

  [[nodiscard]] cv::Size size() const { return size_; }
  [[nodiscard]] Level0Point level0(int x, int y) const {
    return {covered_.x + static_cast<std::int64_t>((x + 0.5) * level0_per_px_),
            covered_.y + static_cast<std::int64_t>((y + 0.5) * level0_per_px_)};
  }
  [[nodiscard]] cv::Rect canvas(const Level0Rect& rect) const {
    const auto px = [this](std::int64_t level0) {
      return static_cast<int>(std::lround(static_cast<double>(level0) / level0_per_px_));
    };
    const int x = px(rect.x - covered_.x);
    const int y = px(rect.y - covered_.y);
    return {x, y, px(rect.x + rect.width - covered_.x) - x,
            px(rect.y + rect.height - covered_.y) - y};
  }

 private:
  [[nodiscard]] int side(int px) const {
    return std::max(1, static_cast<int>(std::lround(px * scale_)));
  }

  Level0Rect covered_;
  double scale_;
  cv::Size size_;
  double level0_per_px_;
};

/// Tiles that nobody expects to be indexed: glass, and what lies outside of the regions.
bool is_veiled(const JudgedTile& tile) {
  return tile.dropped == DropReason::kBackground || tile.dropped == DropReason::kOutsideRegions ||
         tile.dropped == DropReason::kExcluded;
}

void draw_tiles(cv::Mat& canvas, const Frame& frame, const std::vector<JudgedTile>& tiles) {
  cv::Mat veil = canvas.clone();
  for (const JudgedTile& tile : tiles) {
    if (!is_veiled(tile)) continue;
    cv::rectangle(veil, frame.canvas(tile.rect), colour_of(*tile.dropped), cv::FILLED);
  }
  const cv::Mat bare = canvas.clone();
  cv::addWeighted(veil, kVeilOpacity, canvas, 1 - kVeilOpacity, 0, canvas);
  const cv::Rect all({0, 0}, canvas.size());
  for (const JudgedTile& tile : tiles) {  // where tiles overlap, what is kept shows
    if (tile.dropped) continue;
    const cv::Rect box = frame.canvas(tile.rect) & all;
    bare(box).copyTo(canvas(box));
  }
  cv::Mat fill = canvas.clone();
  for (const JudgedTile& tile : tiles) {
    if (!tile.dropped || is_veiled(tile)) continue;
    cv::rectangle(fill, frame.canvas(tile.rect), colour_of(*tile.dropped), cv::FILLED);
  }
  cv::addWeighted(fill, kFillOpacity, canvas, 1 - kFillOpacity, 0, canvas);
  for (const JudgedTile& tile : tiles) {
    if (is_veiled(tile)) continue;
    const cv::Rect box = frame.canvas(tile.rect);
    cv::rectangle(canvas, box, tile.dropped ? colour_of(*tile.dropped) : kKept,
                  box.width < kThinFramePx ? 1 : 2);
  }
}

void draw_mask_outline(cv::Mat& canvas, const Frame& frame, const TissueMask& mask) {
  const cv::Size size = frame.size();
  cv::Mat tissue(size, CV_8UC1);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      tissue.at<std::uint8_t>(y, x) = mask.is_tissue(frame.level0(x, y)) ? 255 : 0;
    }
  }
  // Holes of a few pixels would hide the tissue behind their outlines.
  cv::medianBlur(tissue, tissue, kSpeckPx);
  cv::Mat outline;
  cv::morphologyEx(tissue, outline, cv::MORPH_GRADIENT,
                   cv::getStructuringElement(cv::MORPH_CROSS, {3, 3}));
  canvas.setTo(kMaskOutline, outline);
}

struct LegendEntry {
  std::string text;
  Colour colour;
  bool filled = true;
};

std::vector<LegendEntry> make_legend(const std::vector<JudgedTile>& tiles) {
  const auto count = [&tiles](std::optional<DropReason> reason) {
    return std::count_if(tiles.begin(), tiles.end(),
                         [reason](const JudgedTile& tile) { return tile.dropped == reason; });
  };
  std::vector<LegendEntry> legend = {
      {"edge of the mask", kMaskOutline, false},
      {"kept: " + std::to_string(count(std::nullopt)), kKept, false}};
  for (const DropReason reason : kDropReasons) {
    const auto dropped = count(reason);
    if (dropped == 0) continue;
    legend.push_back(
        {std::string(to_string(reason)) + ": " + std::to_string(dropped), colour_of(reason)});
  }
  return legend;
}

void draw_text(cv::Mat& canvas, const std::string& text, cv::Point baseline) {
  cv::putText(canvas, text, baseline, kFont, kFontScale, kText, 1, cv::LINE_AA);
}

}  // namespace

RgbImage draw_tissue_overlay(const Thumbnail& thumbnail, const TissueMask& mask,
                             const std::vector<JudgedTile>& tiles, const std::string& title) {
  CLIPPATH_CHECK(!thumbnail.picture.empty());
  const Frame frame(thumbnail.covered, thumbnail.picture);
  const std::vector<LegendEntry> legend = make_legend(tiles);
  const int width = std::max(kLeastWidth, frame.size().width) + 2 * kMarginPx;
  const int columns = std::max(1, (width - 2 * kMarginPx) / kEntryPx);
  const int lines = (static_cast<int>(legend.size()) + columns - 1) / columns;
  const int top = kLinePx + kMarginPx;
  const int height = top + frame.size().height + kMarginPx + lines * kLinePx + kMarginPx;

  RgbImage image = RgbImage::filled(width, height, 255, 255, 255);
  cv::Mat sheet(height, width, CV_8UC3, image.pixels.data());
  draw_text(sheet, title, {kMarginPx, kLinePx});

  cv::Mat canvas = sheet(cv::Rect({kMarginPx, top}, frame.size()));
  const cv::Mat picture(thumbnail.picture.height, thumbnail.picture.width, CV_8UC3,
                        const_cast<std::uint8_t*>(thumbnail.picture.pixels.data()));
  const bool shrinks = picture.cols >= canvas.cols;
  cv::resize(picture, canvas, canvas.size(), 0, 0, shrinks ? cv::INTER_AREA : cv::INTER_CUBIC);
  draw_tiles(canvas, frame, tiles);
  draw_mask_outline(canvas, frame, mask);

  const int first_line = top + frame.size().height + kMarginPx;
  for (std::size_t i = 0; i < legend.size(); ++i) {
    const int x = kMarginPx + static_cast<int>(i) % columns * kEntryPx;
    const int y = first_line + static_cast<int>(i) / columns * kLinePx;
    cv::rectangle(sheet, cv::Rect(x, y + 4, kSwatchPx, kSwatchPx), legend[i].colour,
                  legend[i].filled ? static_cast<int>(cv::FILLED) : 2);
    draw_text(sheet, legend[i].text, {x + kSwatchPx + 8, y + kSwatchPx + 1});
  }
  return image;
}

}  // namespace clippath
