// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "clippath/core/deadline.h"
#include "clippath/core/embedding.h"
#include "clippath/core/mutex.h"
#include "clippath/core/result.h"
#include "clippath/query_engines.h"

namespace clippath {

struct Verdict {
  bool ready = true;
  std::vector<std::string> reasons;  ///< why not; or what is missing although it is ready
};

/// Whether queries would be answered now: a picture and a text go the whole way through each
/// encoder and must come out as they did the first time. Asked again after a minute. Thread-safe.
class Readiness {
 public:
  explicit Readiness(std::shared_ptr<const QueryEngines> engines);

  [[nodiscard]] Verdict check();

 private:
  Verdict examine();
  Verdict examine(const Encoder& encoder);

  const std::shared_ptr<const QueryEngines> engines_;
  Mutex mutex_;
  std::optional<Verdict> verdict_ CLIPPATH_GUARDED_BY(mutex_);
  Deadline::Clock::time_point examined_at_ CLIPPATH_GUARDED_BY(mutex_);
  /// What came out the first time, by encoder.
  std::map<EncoderId, std::pair<Embedding, Embedding>> first_ CLIPPATH_GUARDED_BY(mutex_);
};

}  // namespace clippath
