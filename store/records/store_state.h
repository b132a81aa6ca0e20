// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "clippath/core/ids.h"
#include "clippath/core/mutex.h"
#include "store/records/database.h"

namespace clippath {

/// What the records and their slide writers share; it lives as long as the last of them.
/// Thread-safe.
class StoreState {
 public:
  explicit StoreState(std::unique_ptr<Database> opened) : database(std::move(opened)) {}

  /// Claims a slide for one writer. False if another one has it.
  bool claim(const SlideId& id) {
    MutexLock lock(claims_mutex_);
    return claimed_.insert(id).second;
  }
  void release(const SlideId& id) {
    MutexLock lock(claims_mutex_);
    claimed_.erase(id);
  }

  const std::unique_ptr<Database> database;
  std::atomic<std::uint64_t> next_slide = 1;
  std::atomic<std::uint64_t> next_job = 1;

  /// Orders the transactions that read, change and write back what others see (sequence numbers,
  /// numbers of reports). It is held across their synced write: released earlier, an older
  /// sequence number could reach the disk after a newer one.
  Mutex commit_mutex;
  std::uint64_t next_report CLIPPATH_GUARDED_BY(commit_mutex) = 1;

 private:
  Mutex claims_mutex_;
  std::set<SlideId> claimed_ CLIPPATH_GUARDED_BY(claims_mutex_);
};

/// Transactions so far that changed what a search of the collection may answer.
Result<std::uint64_t> read_sequence(const ReadView& view, Collection collection);

/// Counts one more, in the batch. Hold the commit mutex from here until the batch is written.
Result<void> advance_sequence(const Database& database, rocksdb::WriteBatch& batch,
                              Collection collection);

}  // namespace clippath
