// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <mutex>

// Names for clang's thread-safety analysis (-Wthread-safety); empty under other compilers.
#if defined(__clang__)
#define CLIPPATH_THREAD_ANNOTATION(x) __attribute__((x))
#else
#define CLIPPATH_THREAD_ANNOTATION(x)
#endif
#define CLIPPATH_GUARDED_BY(mutex) CLIPPATH_THREAD_ANNOTATION(guarded_by(mutex))
#define CLIPPATH_REQUIRES(mutex) CLIPPATH_THREAD_ANNOTATION(requires_capability(mutex))

namespace clippath {

/// A mutex that clang's thread-safety analysis knows.
class CLIPPATH_THREAD_ANNOTATION(capability("mutex")) Mutex {
 public:
  void lock() CLIPPATH_THREAD_ANNOTATION(acquire_capability()) { mutex_.lock(); }
  void unlock() CLIPPATH_THREAD_ANNOTATION(release_capability()) { mutex_.unlock(); }

 private:
  std::mutex mutex_;  // ci-allow: this is the wrapper
};

/// Holds a Mutex for a scope; a ConditionVariable can wait on it.
class CLIPPATH_THREAD_ANNOTATION(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) CLIPPATH_THREAD_ANNOTATION(acquire_capability(mutex))
      : mutex_(mutex) {
    mutex_.lock();
  }
  ~MutexLock() CLIPPATH_THREAD_ANNOTATION(release_capability()) { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

/// Waits on a held Mutex: `condition.wait(mutex_);` inside a MutexLock, in a loop over the
/// predicate.
using ConditionVariable = std::condition_variable_any;

}  // namespace clippath
