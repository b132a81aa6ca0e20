// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cmath>
#include <numeric>

#include "clippath/core/on_threads.h"
#include "clippath/pipeline.h"
#include "indexer/pipeline/prepare_slide.h"
#include "indexer/pipeline/series_tiles.h"

namespace clippath {
namespace {

using Clock = std::chrono::steady_clock;

// So many tiles of a slide tell within a fifth what the others take.
constexpr std::size_t kSampleTiles = 32;
// Of a stored patch beside its vectors, which are stored twice in half precision: as records and
// for the search.
constexpr std::int64_t kRecordBytes = 130;
constexpr std::int64_t kBytesPerNumber = 4;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Every so many tiles, so that about kSampleTiles are left.
std::vector<TissueTile> sample_of(const std::vector<TissueTile>& tiles) {
  const std::size_t step = std::max<std::size_t>(tiles.size() / kSampleTiles, 1);
  std::vector<TissueTile> sample;
  for (std::size_t i = 0; i < tiles.size(); i += step) sample.push_back(tiles[i]);
  return sample;
}

Result<void> encode_all(const std::vector<TileOutcome>& tiles, const EncoderList& encoders) {
  for (std::size_t e = 0; e < encoders.size(); ++e) {
    std::vector<RgbImage> inputs;
    for (const TileOutcome& tile : tiles) {
      if (!tile.encoder_inputs.empty()) inputs.push_back(tile.encoder_inputs[e]);
    }
    if (inputs.empty()) continue;
    CLIPPATH_TRY_VOID(encoders[e]->encode_images(inputs));
  }
  return {};
}

/// Seconds that a tile with tissue takes on all threads, from its reading to its vectors.
Result<double> time_of_a_tile(const PreparedSlide& slide, const SlideId& id, const TileGrid& grid,
                              const std::vector<TissueTile>& found, const Readers& readers,
                              const EncoderList& encoders) {
  const auto start = Clock::now();
  SeriesRecord series;
  SeriesTiles tiles = tile_series(slide, id, grid, sample_of(found), readers.options);
  CLIPPATH_TRY_VOID(add_steps(readers, tiles, series));
  std::vector<TileOutcome> outcomes(tiles.count);
  on_threads(tiles.count, readers.options.threads, [&](std::size_t i) {
    outcomes[i] = fit_to_encoders(tiles.read(i), encoders);
    return !readers.stopping();
  });
  CLIPPATH_TRY_VOID(encode_all(outcomes, encoders));
  return seconds_since(start) / static_cast<double>(tiles.count);
}

/// Plans slides one after the other; the first with tissue tells what a tile takes.
class Planner {
 public:
  Planner(const Readers& readers, const EncoderList& encoders)
      : readers_(readers), encoders_(encoders) {}

  Result<SlidePlan> plan(const SlideInput& input, const SlideOpener& open) {
    const IndexOptions& options = readers_.options;
    CLIPPATH_TRY(const PreparedSlide slide,
                 prepare_slide(input, options, encoder_px_of(encoders_), open));
    CLIPPATH_TRY(const TissueMask mask,
                 make_tissue_mask(*slide.reader, slide.scale, options.tissue));
    SlidePlan plan;
    plan.id = input.id;
    for (const TileGrid& grid : slide.grids) {
      const auto found = find_tissue(slide, grid, mask, [](const TileRef&, DropReason) {});
      plan.tiles += static_cast<std::int64_t>(grid.tiles.size());
      plan.expected_patches += static_cast<std::int64_t>(found.size());
      if (seconds_per_tile_ || found.empty()) continue;
      const auto seconds = time_of_a_tile(slide, input.id, grid, found, readers_, encoders_);
      if (seconds) seconds_per_tile_ = *seconds;
    }
    if (plan.tiles == 0) plan.reason = too_small(slide);
    return plan;
  }

  /// Empty where no slide has tissue that can be read.
  [[nodiscard]] std::optional<double> seconds_per_tile() const { return seconds_per_tile_; }

 private:
  const Readers& readers_;
  const EncoderList& encoders_;
  std::optional<double> seconds_per_tile_;
};

SlidePlan unusable(const SlideId& id, const Error& error, const MissingMpp& missing) {
  SlidePlan plan;
  plan.id = id;
  plan.reason = error.message;
  plan.skipped = is_missing_scale(error) && missing.policy == MissingMpp::Policy::kSkip;
  return plan;
}

}  // namespace

std::int64_t bytes_per_patch(const EncoderList& encoders) {
  return std::accumulate(encoders.begin(), encoders.end(), kRecordBytes,
                         [](std::int64_t bytes, const Encoder* encoder) {
                           return bytes + kBytesPerNumber *
                                              static_cast<std::int64_t>(encoder->info().dimension);
                         });
}

IndexPlan plan_slides(const std::vector<SlideInput>& slides, const IndexOptions& options,
                      const EncoderList& encoders, const SlideOpener& open,
                      const std::atomic<bool>& stop) {
  const auto start = Clock::now();
  WorkerPool pool(options.threads);
  const Readers readers{options, pool, [&stop] { return stop.load(); }};
  Planner planner(readers, encoders);
  IndexPlan all;
  std::int64_t patches = 0;
  for (const SlideInput& input : slides) {
    if (stop) break;
    Result<SlidePlan> plan = planner.plan(input, open);
    all.slides.push_back(plan ? std::move(*plan)
                              : unusable(input.id, plan.error(), options.missing_mpp));
    patches += all.slides.back().expected_patches;
  }
  if (const auto seconds = planner.seconds_per_tile()) {
    all.seconds = seconds_since(start) + static_cast<double>(patches) * *seconds;
  }
  return all;
}

}  // namespace clippath
