// SPDX-License-Identifier: Apache-2.0
#include "indexer/pipeline/outcome.h"

#include <algorithm>
#include <utility>

#include "indexer/pipeline/prepare_slide.h"

namespace clippath {
namespace {

std::int64_t count_of(const TileCounts& tiles, std::string_view what) {
  const auto found = tiles.find(std::string(what));
  return found == tiles.end() ? 0 : found->second;
}

std::string no_patches(const TileCounts& tiles) {
  if (count_of(tiles, "grid") == 0) return "the slide is smaller than one such field";
  const std::int64_t attention = count_of(tiles, to_string(DropReason::kAttention));
  if (attention > 0) {
    return "no patches: the attention rule keeps none of " + std::to_string(attention) + " tiles";
  }
  std::string text = "no tissue: of " + std::to_string(count_of(tiles, "grid")) + " tiles " +
                     std::to_string(count_of(tiles, to_string(DropReason::kBackground))) +
                     " are background and " +
                     std::to_string(count_of(tiles, to_string(DropReason::kWhite))) + " too white";
  const std::int64_t outside = count_of(tiles, to_string(DropReason::kOutsideRegions)) +
                               count_of(tiles, to_string(DropReason::kExcluded));
  if (outside > 0) text += "; " + std::to_string(outside) + " are not in its regions";
  for (const DropReason reason : {DropReason::kReadError, DropReason::kBlank, DropReason::kBlack,
                                  DropReason::kPenRed, DropReason::kPenGreen, DropReason::kBlur}) {
    const std::int64_t count = count_of(tiles, to_string(reason));
    if (count > 0) text += ", " + std::to_string(count) + " " + std::string(to_string(reason));
  }
  return text;
}

std::string unreadable(const TileCounts& tiles) {
  return std::to_string(count_of(tiles, to_string(DropReason::kReadError))) + " of " +
         std::to_string(count_of(tiles, "grid")) + " tiles cannot be read";
}

SlideOutcome outcome_of(const SlideId& id, const std::vector<SeriesRecord>& all) {
  SlideOutcome outcome;
  outcome.id = id;
  for (const SeriesRecord& series : all) {
    for (const auto& [what, count] : series.tiles) outcome.tiles[what] += count;
    outcome.series[series.level0_extent] = series.tiles;
    if (series.attention) outcome.attention[series.level0_extent] = *series.attention;
  }
  if (count_of(outcome.tiles, "kept") == 0) {
    outcome.state = SlideState::kNoPatches;
    outcome.reason = no_patches(outcome.tiles);
    return outcome;
  }
  if (count_of(outcome.tiles, to_string(DropReason::kReadError)) > 0) {
    outcome.state = SlideState::kPartial;
    outcome.reason = unreadable(outcome.tiles);
  }
  for (const auto& [level0_extent, tiles] : outcome.series) {
    if (count_of(tiles, "kept") > 0) continue;
    outcome.warnings.push_back("fields of " + std::to_string(level0_extent) +
                               " level-0 px: " + no_patches(tiles));
  }
  return outcome;
}

}  // namespace

Result<SlideOutcome> new_outcome(const SlideRecord& record,
                                 const std::optional<Error>& first_read_error) {
  SlideOutcome outcome = outcome_of(record.id, record.series);
  if (first_read_error && outcome.state == SlideState::kNoPatches) {
    return fail(ErrorKind::kCorruption,
                unreadable(outcome.tiles) +
                    ", and none has tissue; the first: " + first_read_error->message);
  }
  if (first_read_error) outcome.reason += "; the first: " + first_read_error->message;
  return outcome;
}

SlideOutcome unchanged_outcome(const SlideRecord& stored, const std::vector<SeriesRecord>& wanted) {
  std::vector<SeriesRecord> kept;
  for (const SeriesRecord& series : stored.series) {
    const bool is_wanted = std::any_of(
        wanted.begin(), wanted.end(),
        [&series](const SeriesRecord& want) { return want.level0_extent == series.level0_extent; });
    if (is_wanted) kept.push_back(series);
  }
  SlideOutcome outcome = outcome_of(stored.id, kept);
  if (outcome.state == SlideState::kDone) outcome.state = SlideState::kUnchanged;
  if (outcome.state == SlideState::kPartial) {
    outcome.reason += "; left as it is, --retry-failed indexes it again";
  }
  return outcome;
}

bool leaves_stored(const IndexOptions& options, const SlideOutcome& stored) {
  if (options.retry_all) return false;
  return !options.retry_failed || stored.state == SlideState::kUnchanged;
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
  failed.state = SlideState::kFailed;
  if (is_missing_scale(outcome.error())) {
    const bool skip = run.options().missing_mpp.policy == MissingMpp::Policy::kSkip;
    failed.state = skip ? SlideState::kSkipped : SlideState::kNoMpp;
  }
  failed.reason = outcome.error().message;
  return failed;
}

}  // namespace clippath
