// SPDX-License-Identifier: Apache-2.0
#include "indexer/pipeline/series_tiles.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "indexer/pipeline/attention_step.h"
#include "indexer/pipeline/stain_step.h"

namespace clippath {
namespace {

// Of the cache's 8 million pixels, so that other reads beside it find room.
constexpr std::int64_t kStripPixels = 6'000'000;
// Sides of the pieces that files are compressed in are 240 to 512 px.
constexpr std::int64_t kPiecePx = 512;

std::int64_t columns_of_strip(const TileGrid& grid) {
  const PixelSize& read = grid.read.size;
  return std::max<std::int64_t>(1, kStripPixels / (read.width * (read.height + kPiecePx)));
}

}  // namespace

void order_for_reading(std::vector<TissueTile>& tiles, const TileGrid& grid) {
  const std::int64_t columns = columns_of_strip(grid);
  std::ranges::stable_sort(tiles, {}, [&grid, columns](const TissueTile& tile) {
    return tile.index % grid.columns / columns;
  });
}

std::vector<TissueTile> find_tissue(
    const PreparedSlide& slide, const TileGrid& grid, const TissueMask& mask,
    const std::function<void(const TileRef&, DropReason)>& dropped) {
  TileSieve sieve(slide, mask);
  std::vector<TissueTile> found;
  for (const TileRef& ref : grid.tiles) {
    const Level0Rect rect = grid.rect_of(ref);
    if (const auto reason = sieve.drop_reason(rect)) {
      dropped(ref, *reason);
    } else {
      found.push_back({ref.index, mask.tissue_fraction(rect)});
    }
  }
  order_for_reading(found, grid);
  return found;
}

SeriesTiles tile_series(const PreparedSlide& slide, const SlideId& id, const TileGrid& grid,
                        std::vector<TissueTile> found, const IndexOptions& options) {
  const auto tiles = std::make_shared<const std::vector<TissueTile>>(std::move(found));
  return {tiles->size(), [&slide, &id, &grid, &options, tiles](std::size_t i) {
            const TissueTile& tile = (*tiles)[i];
            const TileRef& ref = grid.tiles[static_cast<std::size_t>(tile.index)];
            TilePicture picture = read_tile(*slide.reader, id, grid, ref, tile.tissue_fraction,
                                            options.tissue, options.quality);
            if (!options.save_patches.empty()) picture.as_read = picture.picture;
            return picture;
          }};
}

Result<void> add_steps(const Readers& readers, SeriesTiles& tiles, SeriesRecord& series) {
  const StainStep stain = make_stain_step(readers, tiles, series.stain);
  tiles.read = [read = std::move(tiles.read), stain](std::size_t i) { return stain(read(i)); };
  if (!readers.options.attention) return {};
  return filter_by_attention(readers, tiles, series.attention);
}

}  // namespace clippath
