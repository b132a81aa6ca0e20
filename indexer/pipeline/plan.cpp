// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <numeric>
#include <span>

#include "clippath/core/on_threads.h"
#include "clippath/pipeline.h"
#include "indexer/pipeline/prepare_slide.h"
#include "indexer/pipeline/seconds_since.h"
#include "indexer/pipeline/series_tiles.h"

namespace clippath {
namespace {

constexpr std::size_t kSampleTiles = 64;
// Of a stored patch beside its vectors, which are stored twice in half precision: as records and
// for the search.
constexpr std::int64_t kRecordBytes = 130;
constexpr std::int64_t kBytesPerNumber = 4;

/// Tiles one behind the other in reading order: neighbours share pieces of the file, which are
/// decoded once.
std::vector<TissueTile> sample_of(const std::vector<TissueTile>& tiles) {
  const std::size_t count = std::min(kSampleTiles, tiles.size());
  const auto first = tiles.begin() + static_cast<std::ptrdiff_t>((tiles.size() - count) / 2);
  return {first, first + static_cast<std::ptrdiff_t>(count)};
}

/// Their inputs of one encoder.
std::vector<RgbImage> inputs_of(const std::vector<TileOutcome>& tiles, std::size_t encoder) {
  std::vector<RgbImage> inputs;
  for (const TileOutcome& tile : tiles) {
    if (!tile.encoder_inputs.empty()) inputs.push_back(tile.encoder_inputs[encoder]);
  }
  return inputs;
}

/// Encodes pictures as a run does it: batches beside each other.
Result<void> encode_in_batches(const Encoder& encoder, std::span<const RgbImage> inputs,
                               int threads) {
  const std::size_t size = encoder.info().batches.size;
  const std::size_t batches = (inputs.size() + size - 1) / size;
  std::vector<std::optional<Error>> errors(batches);
  on_threads(batches, threads, [&](std::size_t i) {
    const std::size_t first = i * size;
    const auto encoded =
        encoder.encode_images(inputs.subspan(first, std::min(size, inputs.size() - first)));
    if (!encoded) errors[i] = encoded.error();
    return encoded.has_value();
  });
  for (const auto& error : errors) {
    if (error) return fail(*error);
  }
  return {};
}

/// Seconds that all encoders need.
Result<double> time_to_encode(const std::vector<TileOutcome>& tiles, const EncoderList& encoders,
                              int threads) {
  double seconds = 0;
  for (std::size_t i = 0; i < encoders.size(); ++i) {
    const std::vector<RgbImage> inputs = inputs_of(tiles, i);
    if (inputs.empty()) continue;
    // The first call of an encoder prepares what all others use.
    CLIPPATH_TRY_VOID(encoders[i]->encode_images(std::span(inputs).first(1)));
    const auto start = Clock::now();
    CLIPPATH_TRY_VOID(encode_in_batches(*encoders[i], inputs, threads));
    seconds += seconds_since(start);
  }
  return seconds;
}

/// Seconds that a tile with tissue takes on all threads, from its reading to its vectors, by some
/// of them. Fails: with the first error if none can be read; as add_steps and the encoders.
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
  const double reading = seconds_since(start);
  const auto has_error = [](const TileOutcome& tile) { return tile.error.has_value(); };
  if (std::ranges::all_of(outcomes, has_error)) return fail(*outcomes.front().error);
  CLIPPATH_TRY(const double encoding, time_to_encode(outcomes, encoders, readers.options.threads));
  return (reading + encoding) / static_cast<double>(tiles.count);
}

/// What is known of the tiles of one field of view.
struct FieldPlan {
  std::int64_t expected_patches = 0;
  std::optional<double> seconds_per_tile;  ///< by the first slide with tissue that can be read
};

/// Plans slides one after the other.
class Planner {
 public:
  Planner(const Readers& readers, const EncoderList& encoders)
      : readers_(readers), encoders_(encoders), fields_(readers.options.fields.size()) {}

  Result<SlidePlan> plan(const SlideInput& input, const SlideOpener& open) {
    const IndexOptions& options = readers_.options;
    CLIPPATH_TRY(const PreparedSlide slide,
                 prepare_slide(input, options, encoder_px_of(encoders_), open));
    CLIPPATH_TRY(const TissueMask mask,
                 make_tissue_mask(*slide.reader, slide.scale, options.tissue));
    SlidePlan plan;
    plan.id = input.id;
    for (std::size_t i = 0; i < slide.grids.size(); ++i) {
      const TileGrid& grid = slide.grids[i];
      const auto found = find_tissue(slide, grid, mask, [](const TileRef&, DropReason) {});
      plan.tiles += static_cast<std::int64_t>(grid.tiles.size());
      plan.expected_patches += static_cast<std::int64_t>(found.size());
      fields_[i].expected_patches += static_cast<std::int64_t>(found.size());
      if (fields_[i].seconds_per_tile || found.empty()) continue;
      const auto seconds = time_of_a_tile(slide, input.id, grid, found, readers_, encoders_);
      if (seconds) fields_[i].seconds_per_tile = *seconds;
    }
    if (plan.tiles == 0) plan.reason = too_small(slide);
    return plan;
  }

  /// Of all expected patches; nothing where no tile with tissue could be read.
  [[nodiscard]] std::optional<double> seconds() const {
    std::optional<double> sum;
    for (const FieldPlan& field : fields_) {
      if (!field.seconds_per_tile) continue;
      sum = sum.value_or(0) + static_cast<double>(field.expected_patches) * *field.seconds_per_tile;
    }
    return sum;
  }

 private:
  const Readers& readers_;
  const EncoderList& encoders_;
  std::vector<FieldPlan> fields_;
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
  for (const SlideInput& input : slides) {
    if (stop) break;
    Result<SlidePlan> plan = planner.plan(input, open);
    all.slides.push_back(plan ? std::move(*plan)
                              : unusable(input.id, plan.error(), options.missing_mpp));
  }
  if (const auto seconds = planner.seconds()) all.seconds = seconds_since(start) + *seconds;
  return all;
}

}  // namespace clippath
