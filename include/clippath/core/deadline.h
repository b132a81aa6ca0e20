// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <utility>

namespace clippath {

/// The moment after which an answer is of no use: a time, or that nobody waits for it any more.
/// Immutable: share freely.
class Deadline {
 public:
  using Clock = std::chrono::steady_clock;

  static Deadline after(std::chrono::milliseconds duration) {
    return Deadline(Clock::now() + duration);
  }
  static Deadline never() { return Deadline(Clock::time_point::max()); }

  /// This deadline, which also passes when `abandoned` says so. Copies share the function: it is
  /// asked from any thread, some hundred times a second, as long as one of them is asked.
  [[nodiscard]] Deadline or_when(std::function<bool()> abandoned) const {
    Deadline both = *this;
    both.abandoned_ = std::make_shared<const std::function<bool()>>(
        [earlier = abandoned_, now = std::move(abandoned)] {
          return (earlier != nullptr && (*earlier)()) || now();
        });
    return both;
  }

  [[nodiscard]] bool passed() const {
    return Clock::now() >= at_ || (abandoned_ != nullptr && (*abandoned_)());
  }
  /// The latest time at which it passes.
  [[nodiscard]] Clock::time_point at() const { return at_; }

 private:
  explicit Deadline(Clock::time_point at) : at_(at) {}
  Clock::time_point at_;
  std::shared_ptr<const std::function<bool()>> abandoned_;  // null: nothing but the time counts
};

}  // namespace clippath
