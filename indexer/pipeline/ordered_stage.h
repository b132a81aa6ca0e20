// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <utility>

#include "clippath/core/check.h"
#include "indexer/pipeline/worker_pool.h"

namespace clippath {

/// Work that many threads do at once and one thread takes in the order in which it was added.
///
/// Invariants: at most `window` pieces of work are under way or wait to be taken, which bounds the
/// memory; a stage that goes away waits for its running work and skips the rest, so work may refer
/// to what outlives the stage. One thread at a time.
template <class T>
class OrderedStage {
 public:
  OrderedStage(WorkerPool& pool, std::size_t window) : pool_(pool), window_(window) {}
  ~OrderedStage() {
    cancelled_ = true;
    for (auto& result : results_) result.wait();
  }
  OrderedStage(const OrderedStage&) = delete;
  OrderedStage& operator=(const OrderedStage&) = delete;

  [[nodiscard]] bool full() const { return results_.size() >= window_; }
  [[nodiscard]] bool half_empty() const { return results_.size() <= window_ / 2; }
  [[nodiscard]] bool empty() const { return results_.empty(); }

  /// Requires: not full. What the work throws reaches take().
  void add(std::function<T()> work) {
    CLIPPATH_CHECK(!full());
    auto task = std::make_shared<std::packaged_task<std::optional<T>()>>(
        [this, work = std::move(work)]() -> std::optional<T> {
          if (cancelled_) return std::nullopt;
          return work();
        });
    results_.push_back(task->get_future());
    pool_.submit([task] { (*task)(); });
  }

  /// Waits for the oldest piece of work. Requires: not empty.
  T take() {
    CLIPPATH_CHECK(!empty());
    std::future<std::optional<T>> oldest = std::move(results_.front());
    results_.pop_front();
    return *oldest.get();
  }

 private:
  WorkerPool& pool_;
  const std::size_t window_;
  std::atomic<bool> cancelled_ = false;
  std::deque<std::future<std::optional<T>>> results_;
};

}  // namespace clippath
