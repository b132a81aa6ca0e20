// SPDX-License-Identifier: Apache-2.0
#include "server/search/ranking.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/support/toy_snapshot.h"

namespace clippath {
namespace {

std::vector<std::int64_t> rows_of(const Ranking& ranking) {
  std::vector<std::int64_t> rows;
  for (const Candidate& candidate : ranking) rows.push_back(candidate.hit.row);
  return rows;
}

EmbeddingMatrix random_queries(std::size_t count, std::size_t dimension, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  EmbeddingMatrix queries = EmbeddingMatrix::zeros(count, dimension);
  for (float& value : queries.values) value = normal(random);
  for (std::size_t i = 0; i < count; ++i) normalize(queries.row(i));
  return queries;
}

TEST(RankNearest, IsTheBeginningOfTheFullRankingForAnyNumberOfVectors) {
  const auto snapshot = test::make_toy_snapshot({}, 1);
  std::mt19937 random(2);
  for (unsigned seed = 0; seed < 200; ++seed) {
    const EmbeddingMatrix queries = random_queries(1 + seed % 4, 16, seed);
    RowSet allowed(static_cast<std::int64_t>(snapshot->patches.size()));
    for (std::int64_t row = 0; row < allowed.rows(); ++row) {
      if (random() % 3 != 0) allowed.insert(row);
    }
    const auto limit = static_cast<std::int64_t>(1 + random() % 30);
    const Ranking nearest = rank_nearest(*snapshot->patch_vectors, queries, limit, allowed).value();
    Ranking all = rank_all(*snapshot->patch_vectors, queries, allowed).value();
    ASSERT_EQ(all.size(), static_cast<std::size_t>(allowed.count()));
    all.resize(std::min(all.size(), static_cast<std::size_t>(limit)));
    ASSERT_EQ(rows_of(nearest), rows_of(all)) << "seed " << seed;
  }
}

TEST(RankAll, TakesTheBestMatchOfSeveralVectors) {
  const auto snapshot = test::make_toy_snapshot({}, 1);
  EmbeddingMatrix queries{2, 16, {}};
  for (const std::int64_t row : {3, 70}) {
    Embedding vector = snapshot->patch_vectors->vector(row);
    normalize(vector);
    queries.values.insert(queries.values.end(), vector.begin(), vector.end());
  }
  const Ranking ranking = rank_all(*snapshot->patch_vectors, queries, RowSet(100, true)).value();
  EXPECT_EQ((std::set<std::int64_t>{ranking[0].hit.row, ranking[1].hit.row}),
            (std::set<std::int64_t>{3, 70}));
  EXPECT_NEAR(ranking[1].hit.similarity, 1, 1e-3);
}

TEST(Fuse, PrefersWhatBothLegsFound) {
  const Ranking direct = {{{1, 0.3F}, ""}, {{2, 0.2F}, ""}};
  const Ranking neighbours = {{{3, 0.9F}, ""}, {{2, 0.8F}, ""}};
  const Ranking fused = fuse(direct, neighbours);
  EXPECT_EQ(rows_of(fused), (std::vector<std::int64_t>{2, 1, 3}));
  EXPECT_EQ(fused[0].via, "both");
  EXPECT_EQ(fused[1].via, "direct");
  EXPECT_EQ(fused[2].via, "neighbours");
}

TEST(Fuse, KeepsTheSimilarityOfTheBetterRank) {
  const Ranking fused = fuse({{{1, 0.3F}, ""}, {{2, 0.2F}, ""}}, {{{2, 0.8F}, ""}});
  EXPECT_EQ(fused[0].hit, (RowHit{2, 0.8F}));
}

TEST(CutBelow, SaysWhetherSomethingWasCut) {
  Ranking ranking = {{{1, 0.5F}, ""}, {{2, 0.25F}, ""}};
  EXPECT_FALSE(cut_below(ranking, std::nullopt));
  EXPECT_FALSE(cut_below(ranking, 0.25));
  EXPECT_TRUE(cut_below(ranking, 0.3));
  EXPECT_EQ(ranking.size(), 1U);
}

}  // namespace
}  // namespace clippath
