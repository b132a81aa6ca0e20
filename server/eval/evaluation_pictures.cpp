// SPDX-License-Identifier: Apache-2.0
#include "clippath/evaluation_pictures.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <opencv2/imgproc.hpp>

#include "clippath/core/pictures.h"
#include "clippath/core/resample.h"

namespace clippath {
namespace {

constexpr int kFont = cv::FONT_HERSHEY_SIMPLEX;
constexpr double kFontScale = 0.45;
const cv::Scalar kText(30, 30, 30);
const cv::Scalar kGrid(220, 220, 220);
// Told apart by readers who see red and green alike (after Okabe and Ito, 2008).
const std::array<cv::Scalar, 3> kCurveColours = {
    {cv::Scalar(0, 114, 178), cv::Scalar(213, 94, 0), cv::Scalar(0, 158, 115)}};
const cv::Scalar kChance(150, 150, 150);
const cv::Scalar kRight(0, 130, 95);

const cv::Rect kChart(60, 24, 560, 340);
constexpr int kPictureSide = 132;
constexpr int kRowMargin = 10;
constexpr int kRowHeight = kPictureSide + 2 * kRowMargin;
constexpr int kSheetWidth = 760;
constexpr int kLineHeight = 21;
constexpr std::size_t kMaxCaptionLength = 72;

cv::Mat as_matrix(RgbImage& image) {
  return {image.height, image.width, CV_8UC3, image.pixels.data()};
}

/// At most what a line holds.
std::string fitted(const std::string& text) {
  const std::string line = drawable_text(text);
  return line.size() <= kMaxCaptionLength ? line : line.substr(0, kMaxCaptionLength - 3) + "...";
}

void write(cv::Mat& canvas, const std::string& text, cv::Point at,
           const cv::Scalar& colour = kText) {
  cv::putText(canvas, fitted(text), at, kFont, kFontScale, colour, 1, cv::LINE_AA);
}

cv::Point place(std::size_t k, std::size_t up_to, double share) {
  const double along = up_to < 2 ? 0 : static_cast<double>(k - 1) / static_cast<double>(up_to - 1);
  return {kChart.x + static_cast<int>(std::lround(along * kChart.width)),
          kChart.y + static_cast<int>(std::lround((1 - share) * kChart.height))};
}

void draw_axes(cv::Mat& canvas, std::size_t up_to) {
  for (int tenth = 0; tenth <= 10; tenth += 2) {
    const cv::Point left = place(1, up_to, tenth / 10.0);
    cv::line(canvas, left, {kChart.x + kChart.width, left.y}, kGrid);
    write(canvas, tenth == 10 ? "1.0" : "0." + std::to_string(tenth), {18, left.y + 5});
  }
  for (std::size_t k = 1; k <= up_to; k += k == 1 ? 4 : 5) {
    const cv::Point bottom = place(k, up_to, 0);
    cv::line(canvas, bottom, {bottom.x, bottom.y + 5}, kText);
    write(canvas, std::to_string(k), {bottom.x - 8, bottom.y + 22});
  }
  cv::rectangle(canvas, kChart, kText);
  write(canvas, "k: the right caption is among the first k", {kChart.x + 150, 406});
}

}  // namespace

RgbImage draw_recall_curves(const std::vector<RecallCurve>& curves) {
  RgbImage image = RgbImage::filled(650, 420, 255, 255, 255);
  cv::Mat canvas = as_matrix(image);
  std::size_t up_to = 1;
  for (const RecallCurve& curve : curves) up_to = std::max(up_to, curve.shares.size());
  draw_axes(canvas, up_to);
  for (std::size_t i = 0; i < curves.size(); ++i) {
    const bool chance = i + 1 == curves.size();
    const cv::Scalar colour = chance ? kChance : kCurveColours[i % kCurveColours.size()];
    std::vector<cv::Point> line;
    for (std::size_t k = 1; k <= curves[i].shares.size(); ++k) {
      line.push_back(place(k, up_to, curves[i].shares[k - 1]));
    }
    cv::polylines(canvas, line, false, colour, chance ? 1 : 2, cv::LINE_AA);
    const int y = kChart.y + kChart.height - 20 - 22 * static_cast<int>(curves.size() - 1 - i);
    cv::line(canvas, {kChart.x + 330, y - 5}, {kChart.x + 360, y - 5}, colour, chance ? 1 : 2);
    write(canvas, curves[i].name, {kChart.x + 368, y});
  }
  return image;
}

RgbImage draw_examples(const std::vector<CaptionExample>& examples) {
  RgbImage sheet = RgbImage::filled(
      kSheetWidth, std::max(1, kRowHeight * static_cast<int>(examples.size())), 255, 255, 255);
  cv::Mat canvas = as_matrix(sheet);
  for (std::size_t i = 0; i < examples.size(); ++i) {
    const CaptionExample& example = examples[i];
    const int top = kRowHeight * static_cast<int>(i) + kRowMargin;
    RgbImage small =
        resample(example.picture, kPictureSide, kPictureSide, ResampleFilter::kBilinear);
    as_matrix(small).copyTo(canvas(cv::Rect(kRowMargin, top, kPictureSide, kPictureSide)));
    const int left = kPictureSide + 3 * kRowMargin;
    int line = top + 14;
    write(canvas, "Its caption: " + example.caption, {left, line});
    for (const CaptionExample::Offered& offered : example.first) {
      line += kLineHeight;
      char similarity[32];
      std::snprintf(similarity, sizeof similarity, "%6.3f  ", offered.similarity);
      write(canvas, similarity + offered.caption, {left + 10, line},
            offered.right ? kRight : kText);
      if (offered.right) {
        cv::rectangle(canvas, {left, line - 15}, {kSheetWidth - kRowMargin, line + 5}, kRight, 2);
      }
    }
  }
  return sheet;
}

}  // namespace clippath
