// SPDX-License-Identifier: Apache-2.0
#include "clippath/attention_overlay.h"

#include <cmath>
#include <opencv2/imgproc.hpp>
#include <string>

namespace clippath {
namespace {

// Tissue stays recognisable under the map, and the map on dark nuclei.
constexpr double kMapOpacity = 0.55;

}  // namespace

Result<RgbImage> draw_attention(const RgbImage& picture, std::span<const double> ranks) {
  const int side = static_cast<int>(std::lround(std::sqrt(static_cast<double>(ranks.size()))));
  if (side < 1 || static_cast<std::size_t>(side) * static_cast<std::size_t>(side) != ranks.size()) {
    return fail(ErrorKind::kUnsupported,
                "a map of " + std::to_string(ranks.size()) + " patches is not drawn: no square");
  }
  cv::Mat map(side, side, CV_8UC1);
  for (int i = 0; i < side * side; ++i) {
    const double rank = ranks[static_cast<std::size_t>(i)];
    map.at<std::uint8_t>(i / side, i % side) = cv::saturate_cast<std::uint8_t>(255 * rank);
  }
  cv::Mat colours;
  cv::applyColorMap(map, colours, cv::COLORMAP_VIRIDIS);
  cv::cvtColor(colours, colours, cv::COLOR_BGR2RGB);
  RgbImage drawn = picture;
  cv::Mat canvas(drawn.height, drawn.width, CV_8UC3, drawn.pixels.data());
  cv::resize(colours, colours, canvas.size(), 0, 0, cv::INTER_NEAREST);
  cv::addWeighted(colours, kMapOpacity, canvas, 1 - kMapOpacity, 0, canvas);
  return drawn;
}

}  // namespace clippath
