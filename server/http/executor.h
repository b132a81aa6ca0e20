// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include "clippath/core/bounded_queue.h"
#include "clippath/core/deadline.h"
#include "clippath/core/result.h"

namespace clippath {

/// A few threads that do the work of many connections: those only parse and wait, so that neither
/// FAISS nor a decoder ever meets 128 threads at once.
///
/// Invariant: at most `threads` tasks run and at most `queue_capacity` wait. Thread-safe.
class Executor {
 public:
  Executor(std::size_t threads, std::size_t queue_capacity);
  ~Executor();  ///< ends what runs and what waits, then joins
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  /// Runs `work()`, which returns a Result, on one of the threads and waits for it.
  /// Fails: kUnavailable at once when the queue is full; kDeadlineExceeded, without running it, if
  /// its turn came too late; as `work` does. What `work` throws is thrown here.
  template <class Work>
  std::invoke_result_t<Work> run(const Deadline& deadline, Work work) {
    using Answer = std::invoke_result_t<Work>;
    auto task = std::make_shared<std::packaged_task<Answer()>>(
        [&deadline, work = std::move(work)]() -> Answer {
          if (deadline.passed()) {
            return fail(ErrorKind::kDeadlineExceeded, "the request waited past its deadline");
          }
          return work();
        });
    std::future<Answer> answer = task->get_future();
    if (!queue_.try_push([task] { (*task)(); })) {
      return fail(ErrorKind::kUnavailable, "the server is busy; try again in a second");
    }
    return answer.get();
  }

  [[nodiscard]] std::size_t waiting() const { return queue_.size(); }

 private:
  BoundedQueue<std::function<void()>> queue_;
  std::vector<std::thread> threads_;
};

}  // namespace clippath
