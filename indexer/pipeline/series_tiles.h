// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "clippath/records.h"
#include "indexer/pipeline/prepare_slide.h"
#include "indexer/pipeline/read_tile.h"
#include "indexer/pipeline/readers.h"

namespace clippath {

/// A tile that is to be read: all that is kept of it until its turn comes.
struct TissueTile {
  std::int64_t index = 0;  ///< in the grid
  double tissue_fraction = 0;
};

/// Puts tiles, which come in grid order, into the order in which they are read: strip by strip of
/// columns, in each row by row. Of a strip, what two rows of tiles share is still in OpenSlide's
/// cache (32 MiB a slide) when the second is read; a whole row of a wide slide would not fit there,
/// and every piece of the file that lies under two rows would be decoded twice.
void order_for_reading(std::vector<TissueTile>& tiles, const TileGrid& grid);

/// The tiles of a grid that have tissue, in reading order. Most of a slide is background and is not
/// even read.
/// @param dropped  called with every other tile and its reason, in grid order.
std::vector<TissueTile> find_tissue(const PreparedSlide& slide, const TileGrid& grid,
                                    const TissueMask& mask,
                                    const std::function<void(const TileRef&, DropReason)>& dropped);

/// The tiles of a grid that have tissue, each to be read by read_tile. `slide`, `id`, `grid` and
/// `options` outlive what is returned.
SeriesTiles tile_series(const PreparedSlide& slide, const SlideId& id, const TileGrid& grid,
                        std::vector<TissueTile> found, const IndexOptions& options);

/// Puts what every tile goes through before the encoders behind its reading: the stain step, then
/// the attention filter, each where the options have it.
/// @param series  its `stain` and `attention` are set.
/// Fails: as filter_by_attention.
Result<void> add_steps(const Readers& readers, SeriesTiles& tiles, SeriesRecord& series);

}  // namespace clippath
