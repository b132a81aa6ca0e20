// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/support/synthetic_slide.h"

namespace clippath {
namespace {

using test::SyntheticSlide;

SyntheticSlide half_covered(std::vector<int> downsamples) {
  SyntheticSlide::Drawing drawing;
  drawing.width = 6000;
  drawing.height = 3000;
  drawing.downsamples = std::move(downsamples);
  drawing.tissue = {{0, 0, 3000, 3000}};
  return SyntheticSlide(drawing);
}

TEST(ReadRegion, HasTheAskedSizeOnItsLongerSide) {
  for (const auto& downsamples : {std::vector<int>{1}, std::vector<int>{1, 4, 16}}) {
    const SyntheticSlide slide = half_covered(downsamples);
    const auto image = read_region(slide, {0, 0, 6000, 3000}, 300);
    ASSERT_TRUE(image) << image.error().message;
    EXPECT_EQ(image->width, 300);
    EXPECT_EQ(image->height, 150);
    EXPECT_LT(image->row(75)[3 * 10], 190);   // tissue on the left
    EXPECT_EQ(image->row(75)[3 * 290], 255);  // glass on the right
  }
}

TEST(ReadRegion, NeverEnlarges) {
  const auto image = read_region(half_covered({1, 4}), {100, 100, 50, 20}, 300);
  ASSERT_TRUE(image);
  EXPECT_EQ(image->width, 50);
  EXPECT_EQ(image->height, 20);
}

TEST(ReadRegion, RefusesAnEmptyRegion) {
  EXPECT_EQ(read_region(half_covered({1}), {0, 0, 0, 10}, 300).error().kind,
            ErrorKind::kInvalidArgument);
}

TEST(ReadReduced, AveragesBoxesAcrossBlocks) {
  const SyntheticSlide slide = half_covered({1});
  const auto whole = slide.read({0, 0}, 0, {5200, 40});
  const auto reduced = read_reduced(slide, {0, 0}, 0, {5200, 40}, 7);
  ASSERT_TRUE(reduced);
  ASSERT_EQ(reduced->width, 743);
  ASSERT_EQ(reduced->height, 6);
  for (int y = 0; y < reduced->height; ++y) {
    for (int x = 0; x < reduced->width; ++x) {
      int sum = 0;
      int count = 0;
      for (int v = y * 7; v < std::min(y * 7 + 7, 40); ++v) {
        for (int u = x * 7; u < std::min(x * 7 + 7, 5200); ++u) {
          sum += whole->row(v)[u * 3];
          ++count;
        }
      }
      ASSERT_EQ(reduced->row(y)[x * 3], (sum + count / 2) / count) << x << ' ' << y;
    }
  }
}

}  // namespace
}  // namespace clippath
