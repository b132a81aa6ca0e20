// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "clippath/core/mutex.h"
#include "worker/client/worker_process.h"

namespace clippath::worker {

/// Keeps a worker running and passes requests on to it.
///
/// When a worker dies, any request that it had at that moment may be the culprit: each is sent once
/// more, alone in a fresh worker, and only one that kills that too is blamed (docs/decisions/0009).
/// So is the greeting.
/// Thread-safe: as many calls as there are lanes run beside each other, others wait.
class WorkerHost {
 public:
  /// After so many deaths no further worker is started. A culprit takes two at most, so fifty bad
  /// tiles cost those tiles, and a file that crashes everywhere some ten seconds.
  static constexpr int kMostDeaths = 100;
  /// The same for requests that took too long, since each takes all of the worker's patience.
  static constexpr int kMostHangs = 3;

  struct Rules {
    std::optional<Request> greeting;       ///< the first request of every worker
    bool gives_up = false;                 ///< after kMostDeaths or kMostHangs
    std::optional<int> requests_a_worker;  ///< then, or after a failed one, a fresh worker is used
  };

  WorkerHost(WorkerSpec spec, Rules rules);

  /// Starts the worker, if none runs, and returns the answer to the greeting.
  Result<Message> greet();

  /// Fails: as the worker answers; kCorruption if the worker dies of this request or takes too long
  /// for it (is_culprit), or if it did so too often.
  Result<Message> call(const Request& request);

 private:
  class Lane;
  class AllLanes;

  [[nodiscard]] bool usable() const;
  Result<Message> call_on(std::size_t lane, const Request& request);
  Result<Message> renew();
  Result<Message> start_afresh();
  void bury();
  [[nodiscard]] Error blame(const Error& error);

  // Constant after construction.
  const WorkerSpec spec_;
  const Rules rules_;

  // Changed only by who holds all lanes.
  std::unique_ptr<WorkerProcess> process_;
  int deaths_ = 0;
  std::string last_ending_;
  std::atomic<int> hangs_ = 0;
  std::atomic<int> requests_ = 0;
  std::atomic<bool> worn_ = false;

  Mutex mutex_;
  ConditionVariable changed_;
  std::vector<std::size_t> idle_lanes_ CLIPPATH_GUARDED_BY(mutex_);
  bool all_taken_ CLIPPATH_GUARDED_BY(mutex_) = false;
};

/// True if the request itself ended its worker: sent again, it would do so again.
bool is_culprit(const Error& error);

/// Names the file that a worker failed on: its decoder's own errors do so already, those of the
/// worker do not.
/// @param place  within the file, `: level 0 at (3, 4)`; or empty.
Error within_file(const Error& error, const std::string& name, const std::string& place = {});

}  // namespace clippath::worker
