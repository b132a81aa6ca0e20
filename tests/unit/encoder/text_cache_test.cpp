// SPDX-License-Identifier: Apache-2.0
#include "encoder/runtime/text_cache.h"

#include <gtest/gtest.h>

#include <thread>

namespace clippath {
namespace {

using Ids = std::vector<std::int64_t>;

void keep(TextCache& cache, const Ids& ids, float value) { cache.keep(ids, {{value}}); }

/// Whether the row is there; it must then be the one that was kept.
bool has(TextCache& cache, const Ids& ids, float value) {
  Embedding row = {-1};
  if (!cache.find(ids, row)) return false;
  EXPECT_EQ(row[0], value);
  return true;
}

TEST(TextCache, GivesBackWhatItKept) {
  TextCache cache(4);
  keep(cache, {1, 7, 2}, 7);
  keep(cache, {1, 8, 2}, 8);
  EXPECT_TRUE(has(cache, {1, 7, 2}, 7));
  EXPECT_TRUE(has(cache, {1, 8, 2}, 8));
  EXPECT_FALSE(has(cache, {1, 7}, 0));
  EXPECT_FALSE(has(cache, {}, 0));
}

TEST(TextCache, DropsWhatWasNotUsedForTheLongestTime) {
  TextCache cache(2);
  keep(cache, {1}, 1);
  keep(cache, {2}, 2);
  EXPECT_TRUE(has(cache, {1}, 1));
  keep(cache, {3}, 3);
  EXPECT_TRUE(has(cache, {1}, 1));
  EXPECT_FALSE(has(cache, {2}, 2));
  EXPECT_TRUE(has(cache, {3}, 3));
}

TEST(TextCache, KeepsATextOnce) {
  TextCache cache(2);
  keep(cache, {1}, 1);
  keep(cache, {2}, 2);
  keep(cache, {2}, 2);
  EXPECT_TRUE(has(cache, {1}, 1));
  EXPECT_TRUE(has(cache, {2}, 2));
}

TEST(TextCache, KeepsNothingWithoutRoom) {
  TextCache cache(0);
  keep(cache, {1}, 1);
  EXPECT_FALSE(has(cache, {1}, 1));
}

TEST(TextCache, MayBeUsedByManyThreads) {
  TextCache cache(8);
  std::vector<std::thread> threads;
  for (std::int64_t thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&cache, thread] {
      for (std::int64_t i = 0; i < 2000; ++i) {
        const std::int64_t id = (i * (1 + thread)) % 16;  // some of them everybody's
        const Ids ids = {id, id + 1};
        if (!has(cache, ids, static_cast<float>(id))) keep(cache, ids, static_cast<float>(id));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace clippath
