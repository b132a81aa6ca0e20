// SPDX-License-Identifier: Apache-2.0
#include "indexer/pipeline/index_run.h"

#include <exception>
#include <thread>
#include <utility>
#include <vector>

#include "indexer/pipeline/seconds_since.h"

namespace clippath {
namespace {

constexpr int kSlidesInFlight = 2;

}  // namespace

std::string_view to_string(SlideState state) {
  switch (state) {
    case SlideState::kDone: return "done";
    case SlideState::kUnchanged: return "unchanged";
    case SlideState::kPartial: return "partial";
    case SlideState::kNoPatches: return "no_patches";
    case SlideState::kSkipped: return "skipped";
    case SlideState::kNoMpp: return "no_mpp";
    case SlideState::kFailed: return "failed";
  }
  return "failed";
}

IndexRun::IndexRun(const IndexOptions& options, const EncoderList& encoders, DataFolder& folder,
                   const ProgressSink& progress, const std::atomic<bool>& stop)
    : options_(options),
      encoders_(encoders),
      folder_(folder),
      sink_(progress),
      stop_(stop),
      reading_(options.threads),
      encoding_(options.threads) {}

void IndexRun::abort(Error error) {
  MutexLock lock(mutex_);
  if (!fault_) fault_ = std::move(error);
  aborted_ = true;
}

void IndexRun::expect_tiles(std::int64_t count) {
  change_progress([count](IndexProgress& progress) {
    ++progress.slides_opened;
    progress.tiles_expected += count;
  });
}

void IndexRun::saw_tiles(std::int64_t count) {
  change_progress([count](IndexProgress& progress) { progress.tiles_seen += count; });
}

void IndexRun::stored_patches(std::int64_t count) {
  change_progress([count](IndexProgress& progress) { progress.patches_stored += count; });
}

std::optional<Error> IndexRun::fault() {
  MutexLock lock(mutex_);
  return fault_;
}

Result<IndexSummary> IndexRun::run(
    std::size_t count, const std::function<std::optional<SlideOutcome>(std::size_t)>& work) {
  const Clock::time_point start = Clock::now();
  change_progress([count](IndexProgress& progress) { progress.slides_total = count; });

  std::vector<std::optional<SlideOutcome>> outcomes(count);
  std::atomic<std::size_t> next = 0;
  const auto drive = [&] {
    for (std::size_t i = next++; i < count && !stopping(); i = next++) {
      const Clock::time_point slide_start = Clock::now();
      outcomes[i] = work(i);
      if (outcomes[i]) outcomes[i]->seconds = seconds_since(slide_start);
      change_progress([](IndexProgress& progress) { ++progress.slides_finished; });
    }
  };
  const auto drive_to_the_end = [&] {
    try {
      drive();
    } catch (const std::exception& exception) {  // memory ran out, in this thread or a worker's
      abort(Error{ErrorKind::kInternal, std::string("indexing stopped: ") + exception.what()});
    }
  };
  std::vector<std::thread> drivers;
  for (int i = 0; i < kSlidesInFlight; ++i) drivers.emplace_back(drive_to_the_end);
  for (std::thread& driver : drivers) driver.join();

  if (std::optional<Error> error = fault()) return fail(std::move(*error));
  IndexSummary summary;
  for (std::optional<SlideOutcome>& outcome : outcomes) {
    if (outcome) summary.slides.push_back(std::move(*outcome));
  }
  summary.interrupted = stop_ && summary.slides.size() < count;
  summary.seconds = seconds_since(start);
  return summary;
}

}  // namespace clippath
