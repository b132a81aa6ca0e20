// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "clippath/core/resample.h"
#include "clippath/tiling.h"
#include "tests/support/noise.h"
#include "tests/support/synthetic_slide.h"

namespace clippath {
namespace {

TEST(PatchPicture, IsAtMost299PxOnItsLongerSide) {
  const RgbImage small = test::noise(299, 120, 1);
  EXPECT_EQ(to_patch_picture(small, 299), small);
  const RgbImage wide = to_patch_picture(test::noise(598, 300, 2), 299);
  EXPECT_EQ(wide.width, 299);
  EXPECT_EQ(wide.height, 150);
}

TEST(PatchPicture, OfATileIsSquareAndNeverEnlarged) {
  const RgbImage square = test::noise(320, 320, 3);
  EXPECT_EQ(to_square_patch_picture(square, 299), to_patch_picture(square, 299));
  const RgbImage tile = test::noise(320, 214, 4);
  EXPECT_EQ(to_square_patch_picture(tile, 299), resample(tile, 214, 214, ResampleFilter::kBicubic));
  const RgbImage large = to_square_patch_picture(test::noise(400, 500, 5), 299);
  EXPECT_EQ(large.width, 299);
  EXPECT_EQ(large.height, 299);
}

TEST(PatchPicture, IsReadFromTheWholeRectangle) {
  test::SyntheticSlide::Drawing drawing;
  drawing.tissue = {{0, 0, 4096, 4096}};
  const test::SyntheticSlide slide(drawing);
  const auto picture = read_patch_picture(slide, {100, 200, 1280, 960}, 224);
  ASSERT_TRUE(picture) << picture.error().message;
  const auto read = slide.read({100, 200}, 1, {320, 240});
  EXPECT_EQ(*picture, resample(*read, 240, 240, ResampleFilter::kBicubic));
}

TEST(PatchPicture, KeepsThePixelsThatALargeEncoderSees) {
  test::SyntheticSlide::Drawing drawing;
  drawing.tissue = {{0, 0, 4096, 4096}};
  const test::SyntheticSlide slide(drawing);
  const auto picture = read_patch_picture(slide, {0, 0, 448, 448}, 448);
  ASSERT_TRUE(picture) << picture.error().message;
  EXPECT_EQ(*picture, *slide.read({0, 0}, 0, {448, 448}));
  EXPECT_EQ(read_patch_picture(slide, {0, 0, 1024, 1024}, 336)->width, 336);
  EXPECT_EQ(read_patch_picture(slide, {0, 0, 448, 448}, 224)->width, 299);
}

}  // namespace
}  // namespace clippath
