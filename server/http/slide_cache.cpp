// SPDX-License-Identifier: Apache-2.0
#include "server/http/slide_cache.h"

#include <sys/stat.h>

#include <utility>

namespace clippath {
namespace {

Result<void> check_unchanged(const SlideRecord& slide) {
  const std::string who = "slide '" + slide.id.value + "'";
  if (slide.path.empty()) {
    return fail(ErrorKind::kNotFound,
                who + ": came from a table of ready-made patches, without a slide file");
  }
  struct stat status {};
  if (stat(slide.path.c_str(), &status) != 0) {
    return fail(ErrorKind::kNotFound, who + ": its file is not where it was when it was indexed");
  }
  const std::int64_t modified_ns =
      std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
  const auto size_bytes = static_cast<std::uint64_t>(status.st_size);
  if (size_bytes != slide.fingerprint.size_bytes || modified_ns != slide.fingerprint.modified_ns) {
    return fail(ErrorKind::kFailedPrecondition,
                who + ": its file has changed since it was indexed; index it again");
  }
  return {};
}

}  // namespace

SlideCache::SlideCache(SlideOpener open, std::size_t capacity)
    : open_(std::move(open)), capacity_(capacity) {}

std::shared_ptr<const SlideReader> SlideCache::find(const SlideRecord& slide) {
  MutexLock lock(mutex_);
  for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
    if (entry->path != slide.path || entry->fingerprint != slide.fingerprint) continue;
    entries_.splice(entries_.begin(), entries_, entry);
    return entries_.front().reader;
  }
  return nullptr;
}

void SlideCache::keep(Entry entry) {
  MutexLock lock(mutex_);
  entries_.push_front(std::move(entry));
  if (entries_.size() > capacity_) entries_.pop_back();
}

Result<std::shared_ptr<const SlideReader>> SlideCache::open(const SlideRecord& slide) {
  CLIPPATH_TRY_VOID(check_unchanged(slide));
  if (auto reader = find(slide)) return reader;
  // Two threads may open the same slide at once; the lock is not held over a second of I/O for it.
  auto reader = open_(slide.path);
  if (!reader) {
    return fail(ErrorKind::kInternal, "slide '" + slide.id.value + "': " + reader.error().message);
  }
  keep({slide.path, slide.fingerprint, *reader});
  return *reader;
}

}  // namespace clippath
