// SPDX-License-Identifier: Apache-2.0
#include "indexer/pipeline/outcome.h"

#include <algorithm>
#include <utility>

#include "indexer/pipeline/prepare_slide.h"

namespace clippath {
namespace {

using TileCounts = std::map<std::string, std::int64_t>;

std::int64_t count_of(const TileCounts& tiles, std::string_view what) {
  const auto found = tiles.find(std::string(what));
  return found == tiles.end() ? 0 : found->second;
}

std::string no_patches(const TileCounts& tiles) {
  std::string text = "no tissue: of " + std::to_string(count_of(tiles, "grid")) + " tiles " +
                     std::to_string(count_of(tiles, to_string(DropReason::kBackground))) +
                     " are background and " +
                     std::to_string(count_of(tiles, to_string(DropReason::kWhite))) + " too white";
  for (const DropReason reason : kDropReasons) {
    if (reason == DropReason::kBackground || reason == DropReason::kWhite) continue;
    const std::int64_t count = count_of(tiles, to_string(reason));
    if (count > 0) text += ", " + std::to_string(count) + " " + std::string(to_string(reason));
  }
  return text;
}

std::string unreadable(const TileCounts& tiles) {
  return std::to_string(count_of(tiles, to_string(DropReason::kReadError))) + " of " +
         std::to_string(count_of(tiles, "grid")) + " tiles cannot be read";
}

SlideOutcome outcome_of(const SlideId& id, TileCounts tiles) {
  SlideOutcome outcome;
  outcome.id = id;
  outcome.tiles = std::move(tiles);
  if (count_of(outcome.tiles, "kept") == 0) {
    outcome.state = SlideState::kNoPatches;
    outcome.reason = no_patches(outcome.tiles);
  } else if (count_of(outcome.tiles, to_string(DropReason::kReadError)) > 0) {
    outcome.state = SlideState::kPartial;
    outcome.reason = unreadable(outcome.tiles);
  }
  return outcome;
}

void add(const TileCounts& more, TileCounts& tiles) {
  for (const auto& [what, count] : more) tiles[what] += count;
}

}  // namespace

Result<SlideOutcome> new_outcome(const SlideRecord& record,
                                 const std::optional<Error>& first_read_error) {
  TileCounts tiles;
  for (const SeriesRecord& series : record.series) add(series.tiles, tiles);
  if (first_read_error && count_of(tiles, "kept") == 0) {
    return fail(ErrorKind::kCorruption, unreadable(tiles) + ", and none has tissue; the first: " +
                                            first_read_error->message);
  }
  SlideOutcome outcome = outcome_of(record.id, std::move(tiles));
  if (first_read_error) outcome.reason += "; the first: " + first_read_error->message;
  return outcome;
}

SlideOutcome unchanged_outcome(const SlideRecord& stored, const std::vector<SeriesRecord>& wanted) {
  TileCounts tiles;
  for (const SeriesRecord& series : stored.series) {
    const bool is_wanted = std::any_of(
        wanted.begin(), wanted.end(),
        [&series](const SeriesRecord& want) { return want.level0_extent == series.level0_extent; });
    if (is_wanted) add(series.tiles, tiles);
  }
  SlideOutcome outcome = outcome_of(stored.id, std::move(tiles));
  if (outcome.state == SlideState::kDone) outcome.state = SlideState::kUnchanged;
  return outcome;
}

Result<void> complete_slide(IndexRun& run, SlideWriter& writer, SlideRecord record) {
  std::sort(record.series.begin(), record.series.end(),
            [](const SeriesRecord& a, const SeriesRecord& b) {
              return a.level0_extent < b.level0_extent;
            });
  return run.from_store(writer.complete(std::move(record)));
}

std::optional<SlideOutcome> finish_outcome(IndexRun& run, const SlideId& id,
                                           Result<SlideOutcome> outcome) {
  if (outcome) return std::move(*outcome);
  if (run.stopping()) return std::nullopt;
  SlideOutcome failed;
  failed.id = id;
  const bool skip = run.options().missing_mpp.policy == MissingMpp::Policy::kSkip &&
                    is_missing_scale(outcome.error());
  failed.state = skip ? SlideState::kSkipped : SlideState::kFailed;
  failed.reason = outcome.error().message;
  return failed;
}

}  // namespace clippath
