// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

#include "clippath/core/mutex.h"

namespace clippath {

/// First in, first out, with a limit, between threads.
///
/// Invariants: at most `capacity` items wait; after close() nothing enters, and what is inside can
/// still be taken. Thread-safe.
template <class T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

  /// Blocks until there is room. False when the queue is closed: the item is dropped.
  bool push(T item) {
    MutexLock lock(mutex_);
    while (!closed_ && items_.size() >= capacity_) changed_.wait(mutex_);
    return push_locked(std::move(item));
  }

  /// Does not block. False when the queue is full or closed.
  bool try_push(T item) {
    MutexLock lock(mutex_);
    if (items_.size() >= capacity_) return false;
    return push_locked(std::move(item));
  }

  /// Blocks until there is an item. Empty when the queue is closed and drained.
  std::optional<T> pop() {
    MutexLock lock(mutex_);
    while (!closed_ && items_.empty()) changed_.wait(mutex_);
    if (items_.empty()) return std::nullopt;
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    changed_.notify_all();
    return item;
  }

  void close() {
    MutexLock lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

  [[nodiscard]] std::size_t size() const {
    MutexLock lock(mutex_);
    return items_.size();
  }

 private:
  bool push_locked(T item) CLIPPATH_REQUIRES(mutex_) {
    if (closed_) return false;
    items_.push_back(std::move(item));
    changed_.notify_all();
    return true;
  }

  const std::size_t capacity_;
  mutable Mutex mutex_;
  ConditionVariable changed_;
  std::deque<T> items_ CLIPPATH_GUARDED_BY(mutex_);
  bool closed_ CLIPPATH_GUARDED_BY(mutex_) = false;
};

}  // namespace clippath
