// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <utility>

#include "clippath/core/on_threads.h"
#include "clippath/core/spread_sample.h"
#include "clippath/stain_reference.h"
#include "indexer/pipeline/prepare_slide.h"
#include "indexer/pipeline/read_tile.h"
#include "indexer/stain/reference_criteria.h"

namespace clippath {
namespace {

/// One tile as it was read.
struct ReadCandidate {
  Level0Rect rect;
  RgbImage picture;
  std::optional<StainSample> sample;  ///< nothing where it was dropped, or has no usable stains
  std::optional<Error> error;
};

/// Tiles of one slide that are compared with those of the others; without their pictures, which
/// are read again for the few that are shown.
struct SlideCandidates {
  SlideId id;
  std::vector<Level0Rect> rects;
  std::vector<ReferenceCriteria> criteria;
};

std::vector<TileRef> tiles_with_tissue(const TileGrid& grid, const TissueMask& mask,
                                       const ReferenceOptions& options) {
  std::vector<TileRef> tiles;
  for (const TileRef& ref : grid.tiles) {
    if (mask.keeps(grid.rect_of(ref))) tiles.push_back(ref);
  }
  return spread_sample(tiles, options.tiles_per_slide);
}

Result<PreparedSlide> prepare(const SlideInput& input, const ReferenceOptions& options,
                              const SlideOpener& open) {
  IndexOptions index;
  index.fields = {options.field};
  index.missing_mpp = options.missing_mpp;
  CLIPPATH_TRY(PreparedSlide slide, prepare_slide(input, index, kPatchPicturePx, open));
  if (slide.grids.front().tiles.empty()) {
    return fail(ErrorKind::kFailedPrecondition, too_small(slide));
  }
  return slide;
}

/// Of the tiles with tissue, those that are not too white and have two stains.
Result<std::vector<ReadCandidate>> read_candidates(const SlideInput& input,
                                                   const ReferenceOptions& options,
                                                   const SlideOpener& open) {
  CLIPPATH_TRY(const PreparedSlide slide, prepare(input, options, open));
  const TileGrid& grid = slide.grids.front();
  CLIPPATH_TRY(const TissueMask mask, make_tissue_mask(*slide.reader, slide.scale, options.tissue));
  const std::vector<TileRef> refs = tiles_with_tissue(grid, mask, options);
  std::vector<ReadCandidate> read(refs.size());
  on_threads(refs.size(), options.threads, [&](std::size_t i) {
    TilePicture tile = read_tile(*slide.reader, input.id, grid, refs[i], 1, options.tissue, {});
    read[i].error = std::move(tile.outcome.error);
    if (tile.outcome.dropped) return true;
    read[i].rect = tile.outcome.patch.rect.value_or(Level0Rect{});
    auto sample = sample_stain(tile.picture, StainMethod::kVahadane);
    if (sample) read[i].sample = std::move(*sample);
    read[i].picture = std::move(tile.picture);
    return true;
  });
  std::optional<Error> damage;
  for (const ReadCandidate& one : read) {
    if (one.error && !damage) damage = one.error;
  }
  std::erase_if(read, [](const ReadCandidate& one) { return !one.sample; });
  if (read.empty() && damage) return fail(*damage);
  return read;
}

Result<SlideCandidates> candidates_of(const SlideInput& input, const ReferenceOptions& options,
                                      const SlideOpener& open) {
  CLIPPATH_TRY(std::vector<ReadCandidate> read, read_candidates(input, options, open));
  std::vector<StainSample> samples;
  for (ReadCandidate& one : read) samples.push_back(std::move(*one.sample));
  CLIPPATH_TRY(const StainProfile stains, slide_stain(std::move(samples)));
  SlideCandidates candidates{input.id, {}, std::vector<ReferenceCriteria>(read.size())};
  for (const ReadCandidate& one : read) candidates.rects.push_back(one.rect);
  on_threads(read.size(), options.threads, [&](std::size_t i) {
    candidates.criteria[i] = measure_reference(read[i].picture, stains);
    return true;
  });
  return candidates;
}

/// Scores of all tiles, not in order yet and without pictures.
std::vector<ReferenceTile> score_all(const std::vector<SlideCandidates>& slides) {
  std::vector<std::vector<ReferenceCriteria>> by_slide;
  std::vector<ReferenceCriteria> all;
  std::vector<ReferenceTile> tiles;
  for (const SlideCandidates& slide : slides) {
    by_slide.push_back(slide.criteria);
    for (std::size_t i = 0; i < slide.criteria.size(); ++i) {
      all.push_back(slide.criteria[i]);
      tiles.push_back({slide.id, slide.rects[i], slide.criteria[i], 0, {}});
    }
  }
  const std::vector<double> scores = score_references(all, average_of(by_slide));
  for (std::size_t i = 0; i < tiles.size(); ++i) tiles[i].score = scores[i];
  return tiles;
}

Result<RgbImage> picture_of(const ReferenceTile& tile, const std::vector<SlideInput>& slides,
                            const SlideOpener& open) {
  const auto input = std::find_if(slides.begin(), slides.end(),
                                  [&](const SlideInput& slide) { return slide.id == tile.slide; });
  CLIPPATH_TRY(const auto reader, open(input->path));
  return read_patch_picture(*reader, tile.rect, kPatchPicturePx);
}

}  // namespace

ReferenceRanking rank_reference_tiles(const std::vector<SlideInput>& slides,
                                      const ReferenceOptions& options, const SlideOpener& open,
                                      const std::atomic<bool>& stop) {
  ReferenceRanking ranking;
  std::vector<SlideCandidates> candidates;
  for (const SlideInput& input : slides) {
    if (stop) break;
    auto found = candidates_of(input, options, open);
    if (found) {
      candidates.push_back(std::move(*found));
    } else if (!(is_missing_scale(found.error()) &&
                 options.missing_mpp.policy == MissingMpp::Policy::kSkip)) {
      ranking.failed.push_back(input.id.value + ": " + found.error().message);
    }
  }
  std::vector<ReferenceTile> tiles = score_all(candidates);
  ranking.candidates = tiles.size();
  std::stable_sort(tiles.begin(), tiles.end(), [](const ReferenceTile& a, const ReferenceTile& b) {
    return a.score > b.score;
  });
  tiles.resize(std::min(tiles.size(), options.most));
  for (ReferenceTile& tile : tiles) {
    auto picture = picture_of(tile, slides, open);
    if (!picture) {
      ranking.failed.push_back(tile.slide.value + ": " + picture.error().message);
      continue;
    }
    tile.picture = std::move(*picture);
    ranking.tiles.push_back(std::move(tile));
  }
  return ranking;
}

}  // namespace clippath
