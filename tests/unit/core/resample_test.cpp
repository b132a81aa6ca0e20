// SPDX-License-Identifier: Apache-2.0
#include "clippath/core/resample.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/support/noise.h"

namespace clippath {
namespace {

using test::noise;

TEST(Resample, KeepsFlatColoursExactly) {
  std::mt19937 random(1);
  for (const auto filter :
       {ResampleFilter::kBilinear, ResampleFilter::kBicubic, ResampleFilter::kLanczos}) {
    for (int seed = 0; seed < 60; ++seed) {
      const auto side = [&] { return 1 + static_cast<int>(random() % 90); };
      const RgbImage image = RgbImage::filled(side(), side(), 255, 17, 128);
      const int width = side();
      const int height = side();
      ASSERT_EQ(resample(image, width, height, filter),
                RgbImage::filled(width, height, 255, 17, 128));
    }
  }
}

TEST(Resample, CommutesWithMirroring) {
  std::mt19937 random(2);
  const RgbImage image = noise(31, 7, random);
  const auto mirrored = [](const RgbImage& in) {
    RgbImage out = in;
    for (int y = 0; y < in.height; ++y) {
      for (int x = 0; x < in.width; ++x)
        std::copy_n(in.row(y) + x * 3, 3, out.row(y) + (in.width - 1 - x) * 3);
    }
    return out;
  };
  const RgbImage direct = resample(mirrored(image), 12, 7, ResampleFilter::kBicubic);
  const RgbImage turned = mirrored(resample(image, 12, 7, ResampleFilter::kBicubic));
  for (std::size_t i = 0; i < direct.pixels.size(); ++i)
    EXPECT_NEAR(direct.pixels[i], turned.pixels[i], 1);
}

RgbImage transposed(const RgbImage& in) {
  RgbImage out = RgbImage::filled(in.height, in.width, 0, 0, 0);
  for (int y = 0; y < in.height; ++y) {
    for (int x = 0; x < in.width; ++x) std::copy_n(in.row(y) + x * 3, 3, out.row(x) + y * 3);
  }
  return out;
}

// Rows are narrowed in groups and columns in strips, by two programs that must agree, also where a
// group or a strip is not full.
TEST(Resample, TreatsRowsAsColumnsOfTheTransposedPicture) {
  std::mt19937 random(3);
  for (const auto filter :
       {ResampleFilter::kBilinear, ResampleFilter::kBicubic, ResampleFilter::kLanczos}) {
    for (int seed = 0; seed < 100; ++seed) {
      const auto side = [&] { return 1 + static_cast<int>(random() % 70); };
      const RgbImage image = noise(side(), side(), random);
      const int width = side();
      const RgbImage direct = resample(image, width, image.height, filter);
      const RgbImage turned = transposed(resample(transposed(image), image.height, width, filter));
      ASSERT_EQ(direct, turned) << image.width << " x " << image.height << " to " << width;
    }
  }
}

TEST(Resample, ReturnsTheSameSizeUnchanged) {
  const RgbImage image = RgbImage::filled(5, 4, 1, 2, 3);
  EXPECT_EQ(resample(image, 5, 4, ResampleFilter::kLanczos), image);
}

}  // namespace
}  // namespace clippath
