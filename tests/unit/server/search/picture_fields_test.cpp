// SPDX-License-Identifier: Apache-2.0
#include "server/search/picture_fields.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "clippath/tiling.h"

namespace clippath {
namespace {

using Warnings = std::vector<std::string>;

TEST(CoverPicture, TakesASquareOfUnknownScaleAsOneField) {
  const auto covered =
      cover_picture(RgbImage::filled(250, 250, 1, 2, 3), std::nullopt, 512, kPatchPicturePx);
  ASSERT_EQ(covered.fields.size(), 1U);
  EXPECT_EQ(covered.fields[0], RgbImage::filled(250, 250, 1, 2, 3));
  EXPECT_EQ(covered.warnings, Warnings{"scale_unknown"});
}

TEST(CoverPicture, ResamplesALargeFieldAsTheIndexerDoes) {
  const auto covered = cover_picture(RgbImage::filled(1024, 1024, 9, 9, 9), MicronsPerPixel{0.5},
                                     512, kPatchPicturePx);
  ASSERT_EQ(covered.fields.size(), 1U);
  EXPECT_EQ(covered.fields[0].width, kPatchPicturePx);
  EXPECT_TRUE(covered.warnings.empty());
}

TEST(CoverPicture, SaysWhereAPictureShowsLessThanAField) {
  EXPECT_EQ(
      cover_picture(RgbImage::filled(200, 200, 0, 0, 0), MicronsPerPixel{0.5}, 512, kPatchPicturePx)
          .warnings,
      Warnings{"smaller_than_field"});
}

TEST(CoverPicture, LooksAtEveryPixelUnlessItSaysSo) {
  std::mt19937 random(4);
  for (int seed = 0; seed < 40; ++seed) {
    const int width = 30 + static_cast<int>(random() % 400);
    const int height = 30 + static_cast<int>(random() % 400);
    RgbImage picture = RgbImage::filled(width, height, 0, 0, 0);
    // A white block somewhere must show in one of the fields, wherever it is.
    const int block = 12;
    const int left = static_cast<int>(random() % static_cast<unsigned>(width - block + 1));
    const int top = static_cast<int>(random() % static_cast<unsigned>(height - block + 1));
    for (int y = top; y < top + block; ++y)
      std::fill_n(picture.row(y) + left * 3, block * 3, std::uint8_t{255});
    const auto covered = cover_picture(picture, MicronsPerPixel{4.0}, 200, kPatchPicturePx);
    ASSERT_LE(covered.fields.size(), static_cast<std::size_t>(kMaxPictureFields));
    const bool partly =
        std::count(covered.warnings.begin(), covered.warnings.end(), "partly_covered") > 0;
    ASSERT_EQ(partly, ((width + 49) / 50) * ((height + 49) / 50) > kMaxPictureFields)
        << width << " x " << height;
    if (partly) continue;
    int seen = 0;
    for (const RgbImage& field : covered.fields) {
      EXPECT_EQ(field.width, field.height);
      for (const std::uint8_t byte : field.pixels) seen += byte == 255 ? 1 : 0;
    }
    ASSERT_GE(seen, block * block * 3) << width << " x " << height;
  }
}

TEST(CoverPicture, BoundsTheFieldsOfAHugePicture) {
  const auto covered = cover_picture(RgbImage::filled(4000, 3000, 0, 0, 0), MicronsPerPixel{10.0},
                                     512, kPatchPicturePx);
  EXPECT_LE(covered.fields.size(), static_cast<std::size_t>(kMaxPictureFields));
  EXPECT_EQ(covered.warnings, (Warnings{"partly_covered", "covered_by_fields"}));
}

}  // namespace
}  // namespace clippath
