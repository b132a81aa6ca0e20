// SPDX-License-Identifier: Apache-2.0
#include "encoder/runtime/text_cache.h"

#include <algorithm>
#include <string_view>

namespace clippath {

std::size_t TextCache::Hash::operator()(std::span<const std::int64_t> ids) const {
  return std::hash<std::string_view>{}(
      {reinterpret_cast<const char*>(ids.data()), ids.size_bytes()});
}

bool TextCache::Equal::operator()(std::span<const std::int64_t> a,
                                  std::span<const std::int64_t> b) const {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

bool TextCache::find(std::span<const std::int64_t> ids, std::span<float> row) {
  MutexLock lock(mutex_);
  const auto found = place_of_.find(ids);
  if (found == place_of_.end()) return false;
  entries_.splice(entries_.begin(), entries_, found->second);
  std::copy(found->second->row.begin(), found->second->row.end(), row.begin());
  return true;
}

void TextCache::keep(std::span<const std::int64_t> ids, std::span<const float> row) {
  if (capacity_ == 0) return;
  MutexLock lock(mutex_);
  if (place_of_.contains(ids)) return;  // another thread was quicker
  if (entries_.size() == capacity_) {
    place_of_.erase(entries_.back().ids);
    entries_.pop_back();
  }
  entries_.push_front({{ids.begin(), ids.end()}, {row.begin(), row.end()}});
  place_of_.emplace(entries_.front().ids, entries_.begin());
}

}  // namespace clippath
