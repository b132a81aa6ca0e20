// SPDX-License-Identifier: Apache-2.0
#include "indexer/pipeline/series_tiles.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace clippath {
namespace {

TileGrid grid_of(std::int64_t columns, std::int64_t rows, std::int64_t read_px) {
  TileGrid grid;
  grid.columns = columns;
  grid.rows = rows;
  grid.read.size = {read_px, read_px};
  return grid;
}

std::vector<TissueTile> every_other_tile(const TileGrid& grid) {
  std::vector<TissueTile> tiles;
  for (std::int64_t i = 0; i < grid.columns * grid.rows; i += 2) tiles.push_back({i, 0.5});
  return tiles;
}

std::vector<std::int64_t> indexes(const std::vector<TissueTile>& tiles) {
  std::vector<std::int64_t> all;
  for (const TissueTile& tile : tiles) all.push_back(tile.index);
  return all;
}

TEST(ReadingOrder, OfANarrowSlideIsThatOfTheGrid) {
  const TileGrid grid = grid_of(3, 50, 1024);
  auto tiles = every_other_tile(grid);
  order_for_reading(tiles, grid);
  EXPECT_EQ(indexes(tiles), indexes(every_other_tile(grid)));
}

TEST(ReadingOrder, KeepsWhatTwoRowsShareInTheCache) {
  constexpr std::int64_t kCachePixels = std::int64_t{32} << 20 >> 2;  // ARGB
  for (const std::int64_t read_px : {224, 256, 600, 1024, 2048, 3072}) {
    const TileGrid grid = grid_of(301, 40, read_px);
    auto tiles = every_other_tile(grid);
    order_for_reading(tiles, grid);
    auto sorted = indexes(tiles);
    std::ranges::sort(sorted);
    EXPECT_EQ(sorted, indexes(every_other_tile(grid)));
    // Tiles between one and its neighbour in the next row; the piece that both need must stay.
    std::vector<std::int64_t> place(static_cast<std::size_t>(grid.columns * grid.rows), -1);
    for (std::size_t i = 0; i < tiles.size(); ++i) {
      place[static_cast<std::size_t>(tiles[i].index)] = static_cast<std::int64_t>(i);
    }
    for (std::int64_t tile = 0; tile + 2 * grid.columns < std::ssize(place); tile += 2) {
      const auto below = static_cast<std::size_t>(tile + 2 * grid.columns);
      const std::int64_t between = place[below] - place[static_cast<std::size_t>(tile)];
      ASSERT_GT(between, 0);
      // Every other tile is read, so two rows of a strip hold one row's worth of tiles.
      ASSERT_TRUE(between == 1 || between * read_px * read_px <= kCachePixels) << read_px;
    }
  }
}

}  // namespace
}  // namespace clippath
