// SPDX-License-Identifier: Apache-2.0
#include "clippath/tissue_overlay.h"

#include <gtest/gtest.h>

#include "tests/support/drawn_tile.h"

namespace clippath {
namespace {

TEST(TissueOverlay, ColoursEveryTileByWhatBecameOfIt) {
  Thumbnail slide{RgbImage::filled(300, 300, 240, 240, 240), {0, 0, 3000, 3000}};
  test::fill(slide.picture, 0, 0, 300, 150, {200, 120, 170});
  const TissueMask mask(slide, TissueRule{});
  const std::vector<JudgedTile> tiles = {{{0, 0, 1000, 1000}, std::nullopt},
                                         {{1000, 0, 1000, 1000}, DropReason::kPenRed},
                                         {{0, 2000, 1000, 1000}, DropReason::kBackground}};
  const RgbImage overlay = draw_tissue_overlay(slide, mask, tiles, "slide");
  ASSERT_GE(overlay.width, 1200);
  ASSERT_GE(overlay.height, 1200);
  const auto middle = [&overlay](int column, int row) {
    const std::uint8_t* rgb = overlay.row(38 + 200 + 400 * row) + (12 + 200 + 400 * column) * 3;
    return test::Rgb{rgb[0], rgb[1], rgb[2]};
  };
  EXPECT_EQ(middle(0, 0), (test::Rgb{200, 120, 170}));  // kept: as it is
  EXPECT_GT(middle(1, 0)[0], 200);                      // towards red
  EXPECT_LT(middle(1, 0)[1], 90);
  EXPECT_LT(middle(0, 2)[0], 230);                      // background: a veil
  EXPECT_EQ(middle(2, 2), (test::Rgb{240, 240, 240}));  // no tile
}

}  // namespace
}  // namespace clippath
