// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "clippath/core/deadline.h"
#include "clippath/core/result.h"

namespace clippath {

/// Times the stages of one query.
class StageClock {
 public:
  explicit StageClock(std::map<std::string, double>& took_ms) : took_ms_(took_ms) {}

  void finish(const std::string& stage) {
    const auto now = std::chrono::steady_clock::now();
    took_ms_[stage] = std::chrono::duration<double, std::milli>(now - last_).count();
    last_ = now;
  }

 private:
  std::map<std::string, double>& took_ms_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

/// The error of a number that must be in 1..most.
inline Error out_of_range(const char* field, std::int64_t value, std::int64_t most) {
  const std::string limit = "1.." + std::to_string(most);
  return {ErrorKind::kInvalidArgument,
          std::string(field) + ": must be " + limit + ", is " + std::to_string(value), field,
          limit};
}

/// Fails: kDeadlineExceeded, naming the stage that is done.
inline Result<void> check_time(const Deadline& deadline, const char* stage) {
  if (!deadline.passed()) return {};
  return fail(ErrorKind::kDeadlineExceeded,
              std::string("the time for this query was over after: ") + stage);
}

}  // namespace clippath
