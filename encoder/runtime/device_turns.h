// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "clippath/core/mutex.h"

namespace clippath {

/// Lets two calls at a time use a GPU, however many threads wait for it: one is computed while the
/// other's input is on its way, and a third would only hold memory there. On the CPU, where each
/// thread computes for itself, nobody waits. Thread-safe. Not std::counting_semaphore: that of
/// libstdc++ can miss a wake-up (GCC bugs 98033 and 104928).
class DeviceTurns {
 public:
  explicit DeviceTurns(bool on_cpu) : on_cpu_(on_cpu) {}

  /// What `work` gives, or throws.
  template <class Work>
  auto take(const Work& work) const {
    if (on_cpu_) return work();
    const Turn turn(*this);
    return work();
  }

 private:
  static constexpr int kAtOnce = 2;

  class Turn {
   public:
    explicit Turn(const DeviceTurns& turns) : turns_(turns) {
      MutexLock lock(turns_.mutex_);
      while (turns_.taken_ == kAtOnce) turns_.given_back_.wait(turns_.mutex_);
      ++turns_.taken_;
    }
    ~Turn() {
      {
        MutexLock lock(turns_.mutex_);
        --turns_.taken_;
      }
      turns_.given_back_.notify_one();
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    const DeviceTurns& turns_;
  };

  const bool on_cpu_;
  mutable Mutex mutex_;
  mutable ConditionVariable given_back_;
  mutable int taken_ CLIPPATH_GUARDED_BY(mutex_) = 0;
};

}  // namespace clippath
