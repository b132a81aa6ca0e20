// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <string>

#include "clippath/core/mutex.h"
#include "clippath/core/result.h"
#include "clippath/records.h"
#include "clippath/slide.h"

namespace clippath {

/// Keeps the slides opened last: opening one costs up to seconds, each holds some 32 MiB of tiles.
/// Thread-safe.
class SlideCache {
 public:
  SlideCache(SlideOpener open, std::size_t capacity);

  /// The slide as it was indexed. Messages name the slide, never its path.
  /// Fails: kNotFound if the slide has no file or it is gone; kFailedPrecondition if the file's
  /// size or time of change is another than at indexing; kInternal, with the path, for the log, if
  /// it cannot be opened.
  Result<std::shared_ptr<const SlideReader>> open(const SlideRecord& slide);

 private:
  struct Entry {
    std::string path;
    FileFingerprint fingerprint;
    std::shared_ptr<const SlideReader> reader;
  };
  std::shared_ptr<const SlideReader> find(const SlideRecord& slide);
  void keep(Entry entry);

  const SlideOpener open_;
  const std::size_t capacity_;
  Mutex mutex_;
  std::list<Entry> entries_ CLIPPATH_GUARDED_BY(mutex_);  ///< used last comes first
};

}  // namespace clippath
