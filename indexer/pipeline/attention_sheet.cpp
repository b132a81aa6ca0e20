// SPDX-License-Identifier: Apache-2.0
#include "indexer/pipeline/attention_sheet.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "clippath/attention_overlay.h"
#include "clippath/core/pictures.h"
#include "clippath/core/spread_sample.h"

namespace clippath {
namespace {

constexpr std::size_t kMostTiles = 12;
constexpr int kColumns = 6;  // three tiles a row, each beside its map

std::string verdict(const ScoredTile& tile) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "score %.2f: %s", tile.score,
                tile.kept ? "kept" : "dropped");
  return text.data();
}

/// What a picture's class token attends to, drawn over it.
Result<RgbImage> drawn_over(const RgbImage& picture, const AttentionNetwork& network) {
  CLIPPATH_TRY(const AttentionMaps maps, network.attend(picture));
  const std::vector<double> ranks =
      attention_values(maps, AttentionMode::kRank, AttentionHeads::kMean);
  return draw_attention(picture, std::span(ranks).last(maps.patches));
}

}  // namespace

Result<RgbImage> draw_attention_sheet(std::vector<ScoredTile> tiles,
                                      const AttentionNetwork& network,
                                      const std::function<Result<RgbImage>(std::size_t)>& picture) {
  std::ranges::stable_sort(tiles, {}, &ScoredTile::score);
  std::vector<SheetCell> cells;
  for (const ScoredTile& tile : spread_sample(tiles, kMostTiles)) {
    CLIPPATH_TRY(RgbImage seen, picture(tile.place));
    CLIPPATH_TRY(RgbImage map, drawn_over(seen, network));
    cells.push_back({std::move(seen), {tile.name, verdict(tile)}});
    cells.push_back({std::move(map), {"attention by rank"}});
  }
  return make_contact_sheet(cells, kColumns);
}

}  // namespace clippath
