// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "clippath/core/check.h"
#include "indexer/tissue/mask_pixels.h"

namespace clippath {
namespace {

using Contour = std::vector<cv::Point>;

constexpr double kMostDownsample = 64;
// Areas are in units of a 512 px patch at level 0.
constexpr double kUnitArea = 512.0 * 512.0;
constexpr std::size_t kMostHoles = 8;

struct ClamParameters {
  int saturation = 8;  ///< tissue is above it, of 255
  int median_px = 7;
  int close_px = 4;
  double least_area = 100;  ///< of an outline without its holes
  double least_hole = 16;
};

ClamParameters parameters_of(TissuePreset preset) {
  switch (preset) {
    case TissuePreset::kClamTcga: return {8, 7, 4, 16, 4};
    case TissuePreset::kClamBiopsy: return {15, 11, 2, 1, 1};
    case TissuePreset::kClamResection: return {15, 11, 4, 100, 16};
    default: return {8, 7, 4, 100, 16};
  }
}

cv::Mat saturation_of(const RgbImage& thumbnail) {
  const cv::Mat rgb(thumbnail.height, thumbnail.width, CV_8UC3,
                    const_cast<std::uint8_t*>(thumbnail.pixels.data()));
  cv::Mat hsv;
  cv::cvtColor(rgb, hsv, cv::COLOR_RGB2HSV);
  cv::Mat saturation;
  cv::extractChannel(hsv, saturation, 1);
  return saturation;
}

cv::Mat stained_pixels(cv::Mat saturation, const ClamParameters& parameters) {
  cv::medianBlur(saturation, saturation, parameters.median_px);
  cv::threshold(saturation, saturation, parameters.saturation, 1, cv::THRESH_BINARY);
  const cv::Mat kernel = cv::Mat::ones(parameters.close_px, parameters.close_px, CV_8UC1);
  cv::morphologyEx(saturation, saturation, cv::MORPH_CLOSE, kernel);
  return saturation;
}

struct Outline {
  Contour border;
  std::vector<Contour> holes;
};

/// Outlines that hold more than `least_area` px without their holes, the largest first: an island
/// within a hole comes after what encloses it.
std::vector<Outline> find_outlines(const cv::Mat& stained, double least_area) {
  std::vector<Contour> contours;
  std::vector<cv::Vec4i> hierarchy;  // next, previous, first child, parent
  cv::findContours(stained, contours, hierarchy, cv::RETR_CCOMP, cv::CHAIN_APPROX_NONE);
  std::vector<Outline> outlines;
  for (std::size_t i = 0; i < contours.size(); ++i) {
    if (hierarchy[i][3] >= 0) continue;
    Outline outline{contours[i], {}};
    double area = cv::contourArea(outline.border);
    for (int hole = hierarchy[i][2]; hole >= 0;
         hole = hierarchy[static_cast<std::size_t>(hole)][0]) {
      outline.holes.push_back(contours[static_cast<std::size_t>(hole)]);
      area -= cv::contourArea(outline.holes.back());
    }
    if (area > least_area) outlines.push_back(std::move(outline));
  }
  std::stable_sort(outlines.begin(), outlines.end(), [](const Outline& a, const Outline& b) {
    return cv::contourArea(a.border) > cv::contourArea(b.border);
  });
  return outlines;
}

std::vector<Contour> largest(std::vector<Contour> holes, double least_area) {
  std::stable_sort(holes.begin(), holes.end(), [](const Contour& a, const Contour& b) {
    return cv::contourArea(a) > cv::contourArea(b);
  });
  if (holes.size() > kMostHoles) holes.resize(kMostHoles);
  std::erase_if(holes,
                [least_area](const Contour& hole) { return cv::contourArea(hole) <= least_area; });
  return holes;
}

}  // namespace

int clam_level(const SlideInfo& slide) {
  int level = 0;
  for (std::size_t i = 0; i < slide.levels.size(); ++i) {
    if (slide.levels[i].downsample <= kMostDownsample) level = static_cast<int>(i);
  }
  return level;
}

MaskPixels clam_mask(const RgbImage& thumbnail, double level0_per_px, TissuePreset preset) {
  CLIPPATH_CHECK(level0_per_px > 0);
  const ClamParameters parameters = parameters_of(preset);
  const cv::Mat stained = stained_pixels(saturation_of(thumbnail), parameters);
  const double unit = kUnitArea / (level0_per_px * level0_per_px);

  cv::Mat mask = cv::Mat::zeros(stained.size(), CV_8UC1);
  for (Outline& outline : find_outlines(stained, parameters.least_area * unit)) {
    const std::vector<Contour> holes =
        largest(std::move(outline.holes), parameters.least_hole * unit);
    cv::drawContours(mask, std::vector<Contour>{outline.border}, 0, cv::Scalar(1), cv::FILLED);
    cv::drawContours(mask, holes, -1, cv::Scalar(2), cv::FILLED);
  }
  return {mask.cols, mask.rows, {mask.datastart, mask.dataend}};
}

}  // namespace clippath
