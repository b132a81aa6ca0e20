// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "cli/command.h"
#include "clippath/pipeline.h"

namespace clippath::cli {

/// Shows on stderr how far an index run is: one line that is drawn again where it is a terminal,
/// else a new line every two seconds; where results are JSON, an object a line. One call at a time.
class ProgressDisplay {
 public:
  explicit ProgressDisplay(const Context& context);
  ~ProgressDisplay();
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;

  void show(const IndexProgress& progress);

 private:
  using Clock = std::chrono::steady_clock;

  const bool quiet_;
  const bool json_;
  const bool terminal_;
  const Clock::time_point start_;
  Clock::time_point shown_;
  bool line_open_ = false;
};

/// `43 %, slide 3 of 12, 1,234 of 2,870 tiles, 312 tiles/s, 5 s left`; what cannot be said yet is
/// left out. The share and the time left take slides that were not opened yet for average ones.
std::string progress_text(const IndexProgress& progress, double seconds);

/// The same as `{"event":"progress","slides_finished":3,...}`; a rate and the time left once they
/// can be said.
std::string progress_json(const IndexProgress& progress, double seconds);

/// `43 s`, `12 min 5 s`, `3 h 20 min`.
std::string duration_text(double seconds);

/// `1,234,567`.
std::string with_commas(std::int64_t number);

}  // namespace clippath::cli
