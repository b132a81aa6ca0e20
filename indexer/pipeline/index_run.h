// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include "clippath/core/mutex.h"
#include "clippath/pipeline.h"
#include "indexer/pipeline/readers.h"
#include "indexer/pipeline/worker_pool.h"

namespace clippath {

/// What the slides of one run share: settings, threads, progress, and the first fault that ends
/// the whole run. Thread-safe.
class IndexRun {
 public:
  IndexRun(const IndexOptions& options, const EncoderList& encoders, DataFolder& folder,
           const ProgressSink& progress, const std::atomic<bool>& stop);

  [[nodiscard]] const IndexOptions& options() const { return options_; }
  [[nodiscard]] const EncoderList& encoders() const { return encoders_; }
  [[nodiscard]] Records& records() const { return folder_.records(); }
  Readers readers() {
    return {options_, reading_, [this] { return stopping(); }};
  }
  WorkerPool& encoding() { return encoding_; }

  /// True when the user wants to stop or the run was aborted.
  [[nodiscard]] bool stopping() const { return stop_ || aborted_; }
  /// Ends the whole run: the first such error is what run() returns.
  void abort(Error error);
  /// Passes an answer of the store on. Its errors end the run, since a full disk or damaged records
  /// meet every slide; only kInvalidArgument is the slide's own.
  template <class T>
  Result<T> from_store(Result<T> answer) {
    if (!answer && answer.error().kind != ErrorKind::kInvalidArgument) abort(answer.error());
    return answer;
  }

  /// Progress: a slide was opened and has so many tiles; tiles were read or dropped; patches are on
  /// disk.
  void expect_tiles(std::int64_t count);
  void saw_tiles(std::int64_t count);
  void stored_patches(std::int64_t count);

  /// Calls `work(i)` for i = 0 .. count - 1, in order, for two slides at a time: while one waits
  /// for the disk or ends its last batches, the other keeps the cores busy. `work` answers with the
  /// slide's outcome, or nothing when it was stopped.
  Result<IndexSummary> run(std::size_t count,
                           const std::function<std::optional<SlideOutcome>(std::size_t)>& work);

 private:
  template <class Change>
  void change_progress(Change change) {
    MutexLock lock(mutex_);
    change(progress_);
    if (sink_) sink_(progress_);
  }
  [[nodiscard]] std::optional<Error> fault();

  // Constant after construction.
  const IndexOptions& options_;
  const EncoderList& encoders_;
  DataFolder& folder_;
  const ProgressSink& sink_;
  const std::atomic<bool>& stop_;

  std::atomic<bool> aborted_ = false;
  Mutex mutex_;
  IndexProgress progress_ CLIPPATH_GUARDED_BY(mutex_);
  std::optional<Error> fault_ CLIPPATH_GUARDED_BY(mutex_);

  WorkerPool reading_;
  WorkerPool encoding_;
};

}  // namespace clippath
