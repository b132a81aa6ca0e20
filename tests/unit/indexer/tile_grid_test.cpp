// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "clippath/tiling.h"

namespace clippath {
namespace {

SlideInfo slide_of(std::int64_t width, std::int64_t height, std::vector<double> downsamples = {1}) {
  SlideInfo slide;
  slide.bounds = {0, 0, width, height};
  for (const double d : downsamples) {
    slide.levels.push_back({{std::llround(static_cast<double>(width) / d),
                             std::llround(static_cast<double>(height) / d)},
                            d});
  }
  return slide;
}

FieldOfView microns(double value) { return {FieldOfView::Unit::kMicrons, value}; }
FieldOfView level0_px(double value) { return {FieldOfView::Unit::kLevel0Pixels, value}; }

constexpr SlideScale kHalfMicron{{0.5}, MppSource::kSlideTag};

TEST(TileGrid, LeavesGapsBelowAnOverlapOfZero) {
  const auto grid = make_tile_grid(slide_of(10240, 5000), nullptr, level0_px(1024), -1, 224);
  ASSERT_TRUE(grid);
  EXPECT_EQ(grid->columns, 5);
  EXPECT_EQ(grid->rows, 2);
  EXPECT_EQ(grid->tiles[1].origin, (Level0Point{2048, 0}));
  EXPECT_EQ(grid->tiles.back().origin, (Level0Point{8192, 2048}));
  // Padded at the edge, unless that lies in a gap.
  const TilePolicy pad{EdgePolicy::kPad, false};
  EXPECT_EQ(make_tile_grid(slide_of(10240, 5000), nullptr, level0_px(1024), -1, 224, pad)->rows, 3);
  EXPECT_EQ(make_tile_grid(slide_of(10240, 4000), nullptr, level0_px(1024), -1, 224, pad)->rows, 2);
}

TEST(TileGrid, IsSquareInMicronsWherePixelsAreNot) {
  constexpr SlideScale kTall{{0.5}, MppSource::kSlideTag, 1.5};  // .4 x .6 um
  const SlideInfo slide = slide_of(12800, 8533, {1, 4});
  const auto grid = make_tile_grid(slide, &kTall, microns(512), 0.5, 200);
  ASSERT_TRUE(grid);
  const Level0Rect second_row = grid->rect_of(grid->tiles[static_cast<std::size_t>(grid->columns)]);
  EXPECT_EQ(second_row, (Level0Rect{0, 427, 1280, 853}));
  EXPECT_DOUBLE_EQ(grid->extent_um, 512);
  EXPECT_EQ(grid->columns, 19);
  EXPECT_EQ(grid->rows, 19);
  // The shorter side decides the level: 853 / 4 holds 200 px, and not 224.
  EXPECT_EQ(grid->read.level, 1);
  EXPECT_EQ(grid->read.size, (PixelSize{320, 214}));
  EXPECT_EQ(make_tile_grid(slide, &kTall, microns(512), 0, 224)->read.level, 0);
}

TEST(TileGrid, TilesInLevel0PixelsDoNotAskForMicrons) {
  constexpr SlideScale kTall{{0.5}, MppSource::kSlideTag, 1.5};
  const auto grid = make_tile_grid(slide_of(4096, 4096), &kTall, level0_px(1024), 0, 224);
  EXPECT_EQ(grid->rect_of(grid->tiles[0]), (Level0Rect{0, 0, 1024, 1024}));
  EXPECT_DOUBLE_EQ(grid->extent_um, 1024 * 0.4);
}

TEST(TileGrid, GoesRowByRowWithoutGaps) {
  const auto grid = make_tile_grid(slide_of(3100, 2100), &kHalfMicron, microns(512), 0, 224);
  ASSERT_TRUE(grid);
  EXPECT_EQ(grid->level0_extent, 1024);
  EXPECT_EQ(grid->extent_um, 512);
  EXPECT_EQ(grid->columns, 3);
  EXPECT_EQ(grid->rows, 2);
  ASSERT_EQ(grid->tiles.size(), 6U);
  EXPECT_EQ(grid->tiles[1].origin, (Level0Point{1024, 0}));
  EXPECT_EQ(grid->tiles[3].origin, (Level0Point{0, 1024}));
  EXPECT_EQ(grid->tiles[3].index, 3);
}

TEST(TileGrid, LeavesOutTilesCrossingTheEdge) {
  EXPECT_EQ(make_tile_grid(slide_of(2047, 2048), nullptr, level0_px(1024), 0, 224)->columns, 1);
  EXPECT_EQ(make_tile_grid(slide_of(2048, 2048), nullptr, level0_px(1024), 0, 224)->columns, 2);
}

TEST(TileGrid, PadsWithTheFirstTileOfAnAxisThatReachesTheEdge) {
  const auto origins = [](std::int64_t width, double overlap) {
    const auto grid = make_tile_grid(slide_of(width, 1024), nullptr, level0_px(1024), overlap, 224,
                                     {EdgePolicy::kPad, false});
    std::vector<std::int64_t> found;
    for (const TileRef& tile : grid->tiles) found.push_back(tile.origin.x);
    return found;
  };
  using Origins = std::vector<std::int64_t>;
  EXPECT_EQ(origins(2047, 0), (Origins{0, 1024}));
  EXPECT_EQ(origins(2048, 0), (Origins{0, 1024}));
  EXPECT_EQ(origins(2049, 0), (Origins{0, 1024, 2048}));
  EXPECT_EQ(origins(1500, 0.5), (Origins{0, 512}));
  EXPECT_EQ(origins(1600, 0.5), (Origins{0, 512, 1024}));
  EXPECT_EQ(origins(100, 0), (Origins{0}));
}

TEST(TileGrid, IsEmptyOnASlideSmallerThanOneField) {
  const auto grid = make_tile_grid(slide_of(1000, 5000), nullptr, level0_px(1024), 0, 224);
  ASSERT_TRUE(grid);
  EXPECT_TRUE(grid->tiles.empty());
}

TEST(TileGrid, BeginsAtTheScannersBounds) {
  SlideInfo slide = slide_of(10000, 10000);
  slide.bounds = {3000, 4000, 2100, 1100};
  const auto grid = make_tile_grid(slide, nullptr, level0_px(1024), 0, 224);
  ASSERT_EQ(grid->tiles.size(), 2U);
  EXPECT_EQ(grid->tiles[0].origin, (Level0Point{3000, 4000}));
  EXPECT_EQ(grid->tiles[1].origin, (Level0Point{4024, 4000}));
}

TEST(TileGrid, CountsOriginsFromTheFirstSoThatNoErrorAccumulates) {
  // 512 um at 0.2528 um a pixel with 30 % overlap: a stride of 1417.5 px.
  const SlideScale scale{{0.2528}, MppSource::kSlideTag};
  const auto grid = make_tile_grid(slide_of(100000, 3000), &scale, microns(512), 0.3, 224);
  ASSERT_TRUE(grid);
  EXPECT_EQ(grid->level0_extent, 2025);
  const double stride = 2025 * (1 - 0.3);
  for (std::int64_t i = 0; i < grid->columns; ++i) {
    EXPECT_EQ(grid->tiles[static_cast<std::size_t>(i)].origin.x,
              static_cast<std::int64_t>(std::floor(static_cast<double>(i) * stride + 0.5)));
  }
}

TEST(TileGrid, ReadsTheCoarsestLevelThatIsFineEnough) {
  const auto level_of = [](double extent, const std::vector<double>& downsamples) {
    const auto grid =
        make_tile_grid(slide_of(60000, 60000, downsamples), nullptr, level0_px(extent), 0, 224);
    return std::pair(grid->read.level, static_cast<int>(grid->read.size.width));
  };
  EXPECT_EQ(level_of(1024, {1, 4, 16}), std::pair(1, 256));
  EXPECT_EQ(level_of(896, {1, 4.0003, 16}), std::pair(1, 224));  // within the tolerance
  EXPECT_EQ(level_of(880, {1, 4, 16}), std::pair(0, 880));
  EXPECT_EQ(level_of(3072, {1, 3.998, 15.96}), std::pair(1, 769));
  EXPECT_EQ(level_of(4000, {1, 3.998, 15.96}), std::pair(2, 251));
}

TEST(TileGrid, RefusesASlideCoarserThanElevenTenthsOfWhatTheEncoderNeeds) {
  EXPECT_TRUE(make_tile_grid(slide_of(5000, 5000), nullptr, level0_px(204), 0, 224));
  const auto refused = make_tile_grid(slide_of(5000, 5000), nullptr, level0_px(203), 0, 224);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kFailedPrecondition);
}

TEST(TileGrid, TakesATooCoarseSlideWhereItMayBeEnlarged) {
  const auto grid = make_tile_grid(slide_of(5000, 5000, {1, 4}), nullptr, level0_px(50), 0, 224,
                                   {EdgePolicy::kDrop, true});
  ASSERT_TRUE(grid);
  EXPECT_EQ(grid->read.level, 0);
  EXPECT_EQ(grid->read.size.width, 50);
}

TEST(TileGrid, NeedsAScaleForMicrometresOnly) {
  EXPECT_EQ(make_tile_grid(slide_of(5000, 5000), nullptr, microns(512), 0, 224).error().kind,
            ErrorKind::kFailedPrecondition);
  EXPECT_EQ(make_tile_grid(slide_of(5000, 5000), nullptr, level0_px(1024), 0, 224)->extent_um, 0);
}

TEST(TileGrid, RefusesAbsurdSettings) {
  const SlideInfo slide = slide_of(1 << 18, 1 << 18);
  for (const double overlap : {-9.1, 0.91, std::nan("")}) {
    EXPECT_EQ(make_tile_grid(slide, nullptr, level0_px(1024), overlap, 224).error().kind,
              ErrorKind::kInvalidArgument);
  }
  for (const double field : {0.0, -1.0, std::nan(""), 1e300}) {
    EXPECT_EQ(make_tile_grid(slide, nullptr, level0_px(field), 0, 224).error().kind,
              ErrorKind::kInvalidArgument);
  }
  EXPECT_EQ(make_tile_grid(slide, nullptr, level0_px(204), 0.9, 224).error().kind,
            ErrorKind::kInvalidArgument);  // 165 million tiles
}

TEST(TileGrid, RefusesFieldsThatNoLevelShowsInOneRead) {
  const auto refused = make_tile_grid(slide_of(20000, 20000), nullptr, level0_px(10000), 0, 224);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kFailedPrecondition);
  EXPECT_NE(refused.error().message.find("10000 level-0 px"), std::string::npos);
  EXPECT_TRUE(make_tile_grid(slide_of(20000, 20000, {1, 4}), nullptr, level0_px(10000), 0, 224));
  EXPECT_TRUE(
      make_tile_grid(slide_of(9000, 9000), nullptr, level0_px(10000), 0, 224));  // none fits
}

TEST(TileGrid, HoldsItsRulesOnRandomSlides) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    const auto uniform = [&random](double low, double high) {
      return std::uniform_real_distribution<double>(low, high)(random);
    };
    SlideInfo slide = slide_of(static_cast<std::int64_t>(uniform(500, 60000)),
                               static_cast<std::int64_t>(uniform(500, 60000)),
                               {1, uniform(1.9, 4.1), uniform(7.5, 17)});
    slide.bounds.x = static_cast<std::int64_t>(uniform(0, 300));
    slide.bounds.y = static_cast<std::int64_t>(uniform(0, 300));
    slide.bounds.width -= slide.bounds.x;
    slide.bounds.height -= slide.bounds.y;
    const SlideScale scale{{uniform(0.1, 1.0)}, MppSource::kSlideTag};
    const double overlap = uniform(-2, 0.75);
    const int encoder_px = 224;
    const double field = uniform(300, 3000);

    const auto grid = make_tile_grid(slide, &scale, microns(field), overlap, encoder_px);
    const std::int64_t extent = std::llround(field / scale.mpp.value);
    if (static_cast<double>(extent) * 1.1 < encoder_px) {
      EXPECT_FALSE(grid);
      continue;
    }
    ASSERT_TRUE(grid) << grid.error().message;
    EXPECT_NEAR(static_cast<double>(grid->level0_extent), field / scale.mpp.value, 0.5001);
    EXPECT_DOUBLE_EQ(grid->extent_um, static_cast<double>(grid->level0_extent) * scale.mpp.value);
    ASSERT_EQ(grid->tiles.size(), static_cast<std::size_t>(grid->columns * grid->rows));

    const double stride = static_cast<double>(grid->level0_extent) * (1 - overlap);
    const Level0Rect bounds = slide.bounds;
    for (const TileRef& tile : grid->tiles) {
      const auto column = static_cast<double>(tile.index % grid->columns);
      const auto row = static_cast<double>(tile.index / grid->columns);
      const auto off = [&](std::int64_t origin, std::int64_t begin, double at) {
        return std::abs(static_cast<double>(origin - begin) - at * stride);
      };
      ASSERT_LE(off(tile.origin.x, bounds.x, column), 0.5001);
      ASSERT_LE(off(tile.origin.y, bounds.y, row), 0.5001);
      ASSERT_TRUE(tile.origin.x >= bounds.x && tile.origin.y >= bounds.y);
      ASSERT_LE(tile.origin.x + grid->level0_extent, bounds.x + bounds.width);
      ASSERT_LE(tile.origin.y + grid->level0_extent, bounds.y + bounds.height);
    }
    // Complete: one more column or row would cross the edge.
    const auto next_end = [&](std::int64_t count) {
      return std::floor(static_cast<double>(count) * stride + 0.5) +
             static_cast<double>(grid->level0_extent);
    };
    EXPECT_GT(next_end(grid->columns), static_cast<double>(bounds.width));
    EXPECT_GT(next_end(grid->rows), static_cast<double>(bounds.height));

    // The level is never enlarged, beyond a slide that is a little too coarse itself.
    const double downsample = slide.levels[static_cast<std::size_t>(grid->read.level)].downsample;
    if (grid->read.level > 0) {
      EXPECT_GE(static_cast<double>(grid->level0_extent) / downsample, encoder_px / 1.001 - 1e-9);
    }
    EXPECT_NEAR(grid->read.size.width, static_cast<double>(grid->level0_extent) / downsample, 1.0);
    for (const SlideLevel& level : slide.levels) {
      const bool coarser = level.downsample > downsample;
      const bool fine_enough = static_cast<double>(grid->level0_extent) / level.downsample >=
                               static_cast<double>(encoder_px);
      EXPECT_FALSE(coarser && fine_enough);
    }
  }
}

}  // namespace
}  // namespace clippath
