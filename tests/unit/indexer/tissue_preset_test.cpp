// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "clippath/tissue.h"
#include "tests/support/drawn_tile.h"
#include "tests/support/synthetic_slide.h"

namespace clippath {
namespace {

using test::drawn_tissue;
using test::fill;

constexpr test::Rgb kPink = {220, 150, 190};
constexpr int kSide = 800;  // px of 64 at level 0

Thumbnail glass() {
  return {RgbImage::filled(kSide, kSide, 240, 240, 240),
          {0, 0, std::int64_t{kSide} * 64, std::int64_t{kSide} * 64}};
}

Level0Rect tile_at(int x, int y, int px = 16) {
  return {std::int64_t{x} * 64, std::int64_t{y} * 64, std::int64_t{px} * 64, std::int64_t{px} * 64};
}

TEST(TissuePreset, IsReadByTheNameItWrites) {
  for (const TissuePreset preset : kTissuePresets) {
    EXPECT_EQ(parse_tissue_preset(to_string(preset)), preset);
  }
  EXPECT_NE(parse_tissue_preset("otsu").error().message.find("pale"), std::string::npos);
}

TEST(ClamPreset, LeavesOutOutlinesThatAreTooSmall) {
  Thumbnail slide = glass();
  fill(slide.picture, 100, 100, 300, 300, {220, 150, 190});  // 625 units of 512 px
  fill(slide.picture, 500, 500, 550, 550, {220, 150, 190});  // 39 units
  const TissueMask strict(slide, tissue_rule(TissuePreset::kClam));
  EXPECT_TRUE(strict.keeps(tile_at(200, 200)));
  EXPECT_FALSE(strict.keeps(tile_at(520, 520)));
  const TissueMask tcga(slide, tissue_rule(TissuePreset::kClamTcga));
  EXPECT_TRUE(tcga.keeps(tile_at(520, 520)));
}

TEST(ClamPreset, KeepsATileWithOneOfFourPointsInside) {
  Thumbnail slide = glass();
  fill(slide.picture, 100, 100, 300, 300, kPink);
  const TissueMask mask(slide, tissue_rule(TissuePreset::kClam));
  EXPECT_TRUE(mask.keeps(tile_at(280, 290, 32)));   // a point at (288, 298)
  EXPECT_FALSE(mask.keeps(tile_at(296, 296, 32)));  // a corner of it is tissue
}

TEST(ClamPreset, TakesNoPointBeyondTheSlideForTissue) {
  Thumbnail slide = glass();
  fill(slide.picture, kSide - 300, 100, kSide, 400, kPink);
  const TissueMask mask(slide, tissue_rule(TissuePreset::kClam));
  EXPECT_TRUE(mask.keeps(tile_at(kSide - 17, 200, 32)));  // points at 9 px from its edges
  EXPECT_FALSE(mask.keeps(tile_at(kSide - 6, 200, 32)));  // all of them beyond
}

TEST(ClamPreset, LeavesOutTheInsideOfLargeHolesButNotIslandsWithin) {
  Thumbnail slide = glass();
  fill(slide.picture, 50, 50, 650, 650, kPink);
  fill(slide.picture, 100, 100, 600, 600, {240, 240, 240});
  fill(slide.picture, 250, 250, 450, 450, kPink);
  fill(slide.picture, 60, 60, 66, 66, {240, 240, 240});  // too small to be a hole
  const TissueMask mask(slide, tissue_rule(TissuePreset::kClam));
  EXPECT_FALSE(mask.keeps(tile_at(150, 150)));
  EXPECT_TRUE(mask.keeps(tile_at(350, 350)));
  EXPECT_TRUE(mask.keeps(tile_at(55, 55)));
}

// The filters have a size in pixels: what they take away depends on the level.
TEST(ClamPreset, LooksAtTheCoarsestLevelOfAtMost64) {
  test::SyntheticSlide::Drawing drawing;
  drawing.width = drawing.height = 8192;
  drawing.tissue = {{2000, 2000, 160, 4000}};  // 2.4 units; 10 px wide on the level of 16
  const Level0Rect tile{1952, 3000, 256, 256};
  for (const auto& [downsamples, keeps] : std::vector<std::pair<std::vector<int>, bool>>{
           {{1, 4, 16}, true}, {{1, 4, 16, 64}, false}, {{1, 4, 16, 128}, true}, {{1}, true}}) {
    drawing.downsamples = downsamples;
    const auto mask = make_tissue_mask(test::SyntheticSlide(drawing), std::nullopt,
                                       tissue_rule(TissuePreset::kClamBiopsy));
    ASSERT_TRUE(mask);
    EXPECT_EQ(mask->keeps(tile), keeps) << downsamples.size() << " levels";
  }
}

TEST(ClamPreset, DropsWhiteAndBlackTiles) {
  const TissueRule rule = tissue_rule(TissuePreset::kClam);
  EXPECT_EQ(judge_tile(RgbImage::filled(64, 64, 240, 238, 239), 1, rule).dropped,
            DropReason::kWhite);
  EXPECT_EQ(judge_tile(RgbImage::filled(64, 64, 40, 20, 30), 1, rule).dropped, DropReason::kBlack);
  EXPECT_EQ(judge_tile(drawn_tissue(), 1, rule).dropped, std::nullopt);
}

TEST(SeedPreset, JudgesEveryTileByItsOwnThreshold) {
  const TissueRule rule = tissue_rule(TissuePreset::kSeed);
  RgbImage tile = RgbImage::filled(100, 100, 250, 250, 250);
  fill(tile, 0, 0, 100, 49, {180, 90, 140});
  EXPECT_EQ(judge_tile(tile, 1, rule).dropped, DropReason::kBackground);
  fill(tile, 0, 0, 100, 51, {180, 90, 140});
  const TileTissue kept = judge_tile(tile, 1, rule);
  EXPECT_EQ(kept.dropped, std::nullopt);
  EXPECT_DOUBLE_EQ(kept.tissue_fraction, 0.51);
}

TEST(SeedPreset, LeavesNearlyWhiteTilesToTheShareOfWhite) {
  RgbImage tile = RgbImage::filled(100, 100, 246, 246, 246);
  fill(tile, 0, 0, 100, 40, {250, 250, 250});
  EXPECT_EQ(judge_tile(tile, 1, tissue_rule(TissuePreset::kSeed)).dropped, DropReason::kWhite);
}

TEST(PalePreset, KeepsFatThatTheShareOfWhiteDrops) {
  RgbImage fat = RgbImage::filled(299, 299, 244, 243, 244);
  for (int i = 0; i < 299; i += 35) {  // walls of cells
    fill(fat, i, 0, std::min(299, i + 3), 299, {205, 150, 185});
    fill(fat, 0, i, 299, std::min(299, i + 3), {205, 150, 185});
  }
  const TissueRule pale = tissue_rule(TissuePreset::kPale);
  EXPECT_EQ(judge_tile(fat, 1, TissueRule{}).dropped, DropReason::kWhite);
  EXPECT_EQ(judge_tile(fat, 1, pale).dropped, std::nullopt);
  EXPECT_TRUE(looks_like_tissue(fat, pale));
}

TEST(PalePreset, DropsGlassDirtAndInk) {
  const TissueRule pale = tissue_rule(TissuePreset::kPale);
  EXPECT_FALSE(looks_like_tissue(RgbImage::filled(299, 299, 236, 236, 236), pale));
  RgbImage corner = RgbImage::filled(299, 299, 244, 243, 244);
  const RgbImage tissue = drawn_tissue();
  for (int y = 0; y < 100; ++y) std::copy_n(tissue.row(y), 300, corner.row(y));
  EXPECT_FALSE(looks_like_tissue(corner, pale));
  EXPECT_FALSE(looks_like_tissue(drawn_tissue(299, {40, 170, 130}, {20, 150, 100}), pale));
  EXPECT_TRUE(looks_like_tissue(tissue, pale));
}

TEST(PalePreset, TakesWhatFatEnclosesForTissueInTheMask) {
  Thumbnail slide = glass();
  for (int i = 200; i < 400; i += 7) {
    fill(slide.picture, i, 200, i + 1, 400, {225, 215, 222});
    fill(slide.picture, 200, i, 400, i + 1, {225, 215, 222});
  }
  const TissueMask pale(slide, tissue_rule(TissuePreset::kPale));
  EXPECT_EQ(pale.tissue_fraction(tile_at(250, 250, 100)), 1);
  EXPECT_TRUE(pale.keeps(tile_at(250, 250)));
  EXPECT_FALSE(pale.keeps(tile_at(500, 500)));
  EXPECT_FALSE(TissueMask(slide, TissueRule{}).keeps(tile_at(250, 250)));
}

TEST(PalePreset, TakesGlassForGlassBesideWhatWasNotScanned) {
  Thumbnail slide = glass();
  fill(slide.picture, 0, 0, kSide, 500, {255, 255, 255});
  const TissueMask mask(slide, tissue_rule(TissuePreset::kPale));
  EXPECT_EQ(mask.tissue_fraction(slide.covered), 0);
}

}  // namespace
}  // namespace clippath
