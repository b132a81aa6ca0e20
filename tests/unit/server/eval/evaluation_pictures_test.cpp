// SPDX-License-Identifier: Apache-2.0
#include "clippath/evaluation_pictures.h"

#include <gtest/gtest.h>

namespace clippath {
namespace {

TEST(RecallChart, ShowsWhatItsCurvesSay) {
  const RgbImage low = draw_recall_curves({{"model", {0.1, 0.2, 0.3}}, {"chance", {0, 0, 0}}});
  const RgbImage high = draw_recall_curves({{"model", {0.9, 0.9, 1.0}}, {"chance", {0, 0, 0}}});
  EXPECT_FALSE(low.empty());
  EXPECT_NE(low, high);
}

TEST(ExampleSheet, FramesTheRightCaption) {
  CaptionExample example{RgbImage::filled(64, 64, 230, 160, 200), "ductal", {}};
  example.first = {{"lobular", 0.5, false}, {"ductal", 0.4, true}};
  const RgbImage found = draw_examples({example});
  example.first[1].right = false;
  EXPECT_NE(found, draw_examples({example}));
  EXPECT_EQ(draw_examples({example, example}).height, 2 * found.height);
}

}  // namespace
}  // namespace clippath
