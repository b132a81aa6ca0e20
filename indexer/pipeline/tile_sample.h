// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "clippath/core/spread_sample.h"
#include "indexer/pipeline/ordered_stage.h"
#include "indexer/pipeline/read_tile.h"
#include "indexer/pipeline/readers.h"

namespace clippath {

/// A tile that was read before its turn, with what was found in it.
template <class Finding>
struct SampledTile {
  TilePicture tile;
  Finding finding;
};

/// By the place of the tile in its series.
template <class Finding>
using TileSample = std::map<std::size_t, std::shared_ptr<SampledTile<Finding>>>;

/// Reads up to `most` tiles of a series, evenly spread, on the reader threads and looks at each.
/// @param look  `Finding(const TilePicture&)`, of any thread; the tile may have been dropped.
/// Nothing when the readers are to stop.
template <class Finding, class Look>
std::optional<TileSample<Finding>> sample_tiles(const Readers& readers, const SeriesTiles& tiles,
                                                std::size_t most, const Look& look) {
  std::vector<std::size_t> places(tiles.count);
  std::iota(places.begin(), places.end(), std::size_t{0});
  places = spread_sample(places, most);
  OrderedStage<std::shared_ptr<SampledTile<Finding>>> stage(readers.pool, most);
  for (const std::size_t place : places) {
    stage.add([&tiles, &look, place] {
      TilePicture tile = tiles.read(place);
      Finding finding = look(std::as_const(tile));
      return std::make_shared<SampledTile<Finding>>(
          SampledTile<Finding>{std::move(tile), std::move(finding)});
    });
  }
  TileSample<Finding> sample;
  for (const std::size_t place : places) {
    if (readers.stopping()) return std::nullopt;
    sample.emplace(place, stage.take());
  }
  return sample;
}

/// Lets a series give what was sampled from memory, each tile once, and read the others; each goes
/// through `with_finding` or `without`.
template <class Finding, class WithFinding, class Without>
void give_sampled(SeriesTiles& tiles, TileSample<Finding> sample, WithFinding with_finding,
                  Without without) {
  tiles.read = [read = std::move(tiles.read),
                kept = std::make_shared<const TileSample<Finding>>(std::move(sample)),
                with_finding = std::move(with_finding),
                without = std::move(without)](std::size_t place) -> TilePicture {
    const auto seen = kept->find(place);
    if (seen == kept->end()) return without(read(place));
    return with_finding(std::move(seen->second->tile), seen->second->finding);
  };
}

}  // namespace clippath
