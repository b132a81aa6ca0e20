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
    return take_locked();
  }

  /// The first item if there is one and it is wanted; does not block.
  template <class Wanted>
  std::optional<T> try_pop_if(const Wanted& wanted) {
    MutexLock lock(mutex_);
    if (items_.empty() || !wanted(std::as_const(items_.front()))) return std::nullopt;
    return take_locked();
  }

  /// Takes an item that still waits out of the queue; false if it is not there.
  bool remove(const T& item) {
    MutexLock lock(mutex_);
    if (std::erase(items_, item) == 0) return false;
    changed_.notify_all();
    return true;
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

  std::optional<T> take_locked() CLIPPATH_REQUIRES(mutex_) {
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    changed_.notify_all();
    return item;
  }

  const std::size_t capacity_;
  mutable Mutex mutex_;
  ConditionVariable changed_;
  std::deque<T> items_ CLIPPATH_GUARDED_BY(mutex_);
  bool closed_ CLIPPATH_GUARDED_BY(mutex_) = false;
};

}  // namespace clippath
