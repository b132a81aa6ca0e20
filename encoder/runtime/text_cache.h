// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <span>
#include <unordered_map>
#include <vector>

#include "clippath/core/embedding.h"
#include "clippath/core/mutex.h"

namespace clippath {

/// Rows of a text tower by the tokens that they were made of, the last used ones. Texts that a
/// tokenizer does not tell apart (case, white space) are one entry.
///
/// Invariant: at most `capacity` rows; an entry takes 8 bytes a token, 4 a value and about 150.
/// Thread-safe.
class TextCache {
 public:
  explicit TextCache(std::size_t capacity) : capacity_(capacity) {}

  /// Copies the row of these tokens, which then was used last; false if it is not here.
  [[nodiscard]] bool find(std::span<const std::int64_t> ids, std::span<float> row);

  /// Keeps a row; the one that was not used for the longest time goes where there is no room.
  void keep(std::span<const std::int64_t> ids, std::span<const float> row);

 private:
  struct Entry {
    std::vector<std::int64_t> ids;
    Embedding row;
  };
  using Entries = std::list<Entry>;
  struct Hash {
    std::size_t operator()(std::span<const std::int64_t> ids) const;
  };
  struct Equal {
    bool operator()(std::span<const std::int64_t> a, std::span<const std::int64_t> b) const;
  };

  const std::size_t capacity_;
  Mutex mutex_;
  Entries entries_ CLIPPATH_GUARDED_BY(mutex_);  // the last used first
  /// The keys lie in the entries.
  std::unordered_map<std::span<const std::int64_t>, Entries::iterator, Hash, Equal> place_of_
      CLIPPATH_GUARDED_BY(mutex_);
};

}  // namespace clippath
