// SPDX-License-Identifier: Apache-2.0
#include "clippath/attention_overlay.h"

#include <gtest/gtest.h>

#include <vector>

namespace clippath {
namespace {

int red_at(const RgbImage& image, int x, int y) { return image.row(y)[3 * x]; }
int blue_at(const RgbImage& image, int x, int y) { return image.row(y)[3 * x + 2]; }

TEST(AttentionOverlay, IsYellowWhereTheRankIsHighAndBlueWhereItIsLow) {
  const RgbImage picture = RgbImage::filled(90, 90, 200, 200, 200);
  std::vector<double> ranks(9, 1.0 / 9);
  ranks[1 * 3 + 2] = 1;  // second row, third column
  const auto drawn = draw_attention(picture, ranks);
  ASSERT_TRUE(drawn) << drawn.error().message;
  EXPECT_EQ(drawn->width, 90);
  EXPECT_EQ(drawn->height, 90);
  EXPECT_GT(red_at(*drawn, 75, 45), blue_at(*drawn, 75, 45) + 50);
  for (const auto& [x, y] : {std::pair{45, 75}, {15, 45}, {45, 15}}) {
    EXPECT_GT(blue_at(*drawn, x, y), red_at(*drawn, x, y)) << x << ", " << y;
  }
}

TEST(AttentionOverlay, LetsThePictureShowThrough) {
  const std::vector<double> ranks(4, 0.5);
  const auto dark = draw_attention(RgbImage::filled(20, 20, 0, 0, 0), ranks);
  const auto light = draw_attention(RgbImage::filled(20, 20, 255, 255, 255), ranks);
  EXPECT_GT(red_at(*light, 3, 3), red_at(*dark, 3, 3) + 80);
}

TEST(AttentionOverlay, RefusesAMapWhosePlacesAreNotKnown) {
  const std::vector<double> ranks(12, 0.5);
  const auto drawn = draw_attention(RgbImage::filled(20, 20, 0, 0, 0), ranks);
  EXPECT_EQ(drawn.error().kind, ErrorKind::kUnsupported);
}

}  // namespace
}  // namespace clippath
