// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "clippath/classify.h"

namespace clippath {
namespace {

EmbeddingMatrix random_unit_rows(std::size_t rows, std::size_t dimension, std::mt19937& random) {
  std::normal_distribution<float> normal;
  EmbeddingMatrix matrix = EmbeddingMatrix::zeros(rows, dimension);
  for (float& value : matrix.values) value = normal(random);
  for (std::size_t i = 0; i < rows; ++i) normalize(matrix.row(i));
  return matrix;
}

double brute_force_top_j(std::span<const float> of_class, const EmbeddingMatrix& vectors,
                         std::size_t j) {
  std::vector<double> cosines;
  for (std::size_t row = 0; row < vectors.rows; ++row) {
    cosines.push_back(static_cast<double>(dot(vectors.row(row), of_class)));
  }
  std::sort(cosines.rbegin(), cosines.rend());
  cosines.resize(std::min(j, cosines.size()));
  return std::accumulate(cosines.begin(), cosines.end(), 0.0) / static_cast<double>(cosines.size());
}

TEST(TopPool, IsTheMeanOfTheLargestAsABruteForceSortFindsThem) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    const std::size_t count = 1 + random() % 150;
    const ClassVectors classes{random_unit_rows(3, 8, random), random_unit_rows(3, 8, random)};
    const EmbeddingMatrix vectors = random_unit_rows(count, 8, random);
    for (const std::size_t j : {1U, 5U, 10U, 50U, 100U}) {
      TopPool pool(classes, j);
      for (std::size_t row = 0; row < count; ++row) pool.add(vectors.row(row));
      const auto similarities = pool.similarities();
      for (std::size_t ensemble = 0; ensemble < 2; ++ensemble) {
        for (std::size_t i = 0; i < 3; ++i) {
          ASSERT_NEAR(similarities[ensemble][i],
                      brute_force_top_j(classes[ensemble].row(i), vectors, j), 1e-12)
              << "seed " << seed << " of " << count << " the " << j << " largest";
        }
      }
    }
  }
}

TEST(TopPool, IsTheSameInEveryOrder) {
  std::mt19937 random(5);
  const ClassVectors classes{random_unit_rows(4, 16, random)};
  const EmbeddingMatrix vectors = random_unit_rows(300, 16, random);
  std::vector<std::size_t> order(300);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::vector<std::vector<double>> first;
  for (int round = 0; round < 20; ++round) {
    TopPool pool(classes, 50);
    for (const std::size_t row : order) pool.add(vectors.row(row));
    if (round == 0) first = pool.similarities();
    EXPECT_EQ(pool.similarities(), first);
    std::shuffle(order.begin(), order.end(), random);
  }
}

ClassPrompts named(const std::vector<std::string>& names, std::size_t ensembles = 1) {
  PromptEnsemble one{{"CLASSNAME"}, {}};
  for (const std::string& name : names) one.classes.push_back({name, {name}});
  return {std::vector<PromptEnsemble>(ensembles, one)};
}

TEST(ClassScores, AreASoftmaxAtTheModelsScale) {
  const auto scores = score_classes(named({"a", "b"}), {{0.2, 0.3}}, 10);
  ASSERT_EQ(scores.size(), 2U);
  EXPECT_EQ(scores[0].name, "b");
  EXPECT_EQ(scores[0].index, 1U);
  EXPECT_DOUBLE_EQ(scores[0].similarity, 0.3);
  EXPECT_NEAR(scores[0].probability, 1 / (1 + std::exp(-1.0)), 1e-12);
  EXPECT_NEAR(scores[0].probability + scores[1].probability, 1, 1e-12);
  EXPECT_FALSE(scores[0].similarity_spread);
  EXPECT_FALSE(scores[0].probability_spread);
}

TEST(ClassScores, AreMeanAndSpreadOverTheEnsembles) {
  const auto scores = score_classes(named({"a", "b"}, 2), {{0.5, 0.1}, {0.3, 0.1}}, 10);
  const double p0 = 1 / (1 + std::exp(-4.0));
  const double p1 = 1 / (1 + std::exp(-2.0));
  EXPECT_EQ(scores[0].name, "a");
  EXPECT_NEAR(scores[0].similarity, 0.4, 1e-12);
  EXPECT_NEAR(*scores[0].similarity_spread, 0.2 / std::sqrt(2.0), 1e-12);
  EXPECT_NEAR(scores[0].probability, (p0 + p1) / 2, 1e-12);
  EXPECT_NEAR(*scores[0].probability_spread, (p0 - p1) / std::sqrt(2.0), 1e-12);
  EXPECT_NEAR(*scores[1].similarity_spread, 0, 1e-12);
}

TEST(ClassScores, FallBackOnSimilarityAndThenOnTheOrderGiven) {
  // exp(-0.4 * 2000) is zero, so that the last three have the same probability.
  const auto scores = score_classes(named({"a", "b", "c", "d"}), {{0.1, 0.2, 0.9, 0.1}}, 2000);
  EXPECT_EQ(scores[0].name, "c");
  EXPECT_EQ(scores[1].name, "b");
  EXPECT_EQ(scores[2].name, "a");
  EXPECT_EQ(scores[3].name, "d");
}

}  // namespace
}  // namespace clippath
