// SPDX-License-Identifier: Apache-2.0
#include "clippath/colour_baseline.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace clippath {
namespace {

/// Every row a group of its own.
std::vector<std::size_t> alone_each(std::size_t rows) {
  std::vector<std::size_t> groups(rows);
  std::iota(groups.begin(), groups.end(), std::size_t{0});
  return groups;
}

TEST(ColourHistogram, IsOfUnitLengthAndKnowsColoursOnly) {
  RgbImage picture = RgbImage::filled(8, 8, 220, 150, 190);
  for (int x = 0; x < 8; ++x) picture.row(0)[3 * x] = 40;
  RgbImage turned = RgbImage::filled(8, 8, 220, 150, 190);
  for (int y = 0; y < 8; ++y) turned.row(y)[0] = 40;
  const Embedding histogram = colour_histogram(picture);
  EXPECT_NEAR(dot(histogram, histogram), 1, 1e-6);
  EXPECT_EQ(histogram, colour_histogram(turned));
  EXPECT_NE(histogram, colour_histogram(RgbImage::filled(8, 8, 220, 150, 190)));
}

TEST(ColourHistogram, TellsHaematoxylinFromEosin) {
  const Embedding blue = colour_histogram(RgbImage::filled(4, 4, 110, 90, 170));
  const Embedding pink = colour_histogram(RgbImage::filled(4, 4, 235, 160, 200));
  EXPECT_EQ(dot(blue, pink), 0);
}

TEST(LogisticRegression, LearnsWhatAStraightLineCanTell) {
  EmbeddingMatrix vectors = EmbeddingMatrix::zeros(30, 3);
  std::vector<std::size_t> labels;
  std::vector<std::size_t> learnt;
  for (std::size_t i = 0; i < 30; ++i) {
    labels.push_back(i % 3);
    vectors.row(i)[i % 3] = 1;
    vectors.row(i)[(i + 1) % 3] = static_cast<float>(i % 5) / 10;
    ASSERT_TRUE(normalize(vectors.row(i)));
    if (i < 21) learnt.push_back(i);
  }
  const std::vector<std::size_t> asked = {21, 22, 23, 28, 29};
  const ScoreMatrix scores = fit_and_score(vectors, learnt, labels, 4, asked);
  for (std::size_t row = 0; row < asked.size(); ++row) {
    double sum = 0;
    for (std::size_t c = 0; c < 4; ++c) {
      sum += std::exp(scores.row(row)[c]);
      if (c != labels[asked[row]]) {
        EXPECT_LT(scores.row(row)[c], scores.row(row)[labels[asked[row]]]);
      }
    }
    EXPECT_NEAR(sum, 1, 1e-9);
  }
  EXPECT_EQ(scores.values, fit_and_score(vectors, learnt, labels, 4, asked).values);
}

// Every row has a colour of its own, so only a fit on the row itself could know its label.
TEST(LogisticRegression, InTurnsKnowsNothingOfTheRowItself) {
  EmbeddingMatrix alone = EmbeddingMatrix::zeros(20, 20);
  EmbeddingMatrix pairs = EmbeddingMatrix::zeros(20, 20);
  std::vector<std::size_t> labels;
  std::vector<std::size_t> asked;
  for (std::size_t i = 0; i < 20; ++i) {
    alone.row(i)[i] = 1;
    pairs.row(i)[i / 2] = 1;  // its neighbour, of another part, looks the same
    labels.push_back(i / 2 % 2);
    asked.push_back(19 - i);
  }
  const auto hits = [&](const EmbeddingMatrix& vectors) {
    const auto scores = cross_fit_and_score(vectors, labels, alone_each(20), 2, asked);
    EXPECT_TRUE(scores);
    int right = 0;
    for (std::size_t row = 0; row < asked.size(); ++row) {
      const std::size_t label = labels[asked[row]];
      if (scores->row(row)[label] > scores->row(row)[1 - label] + 1e-3) ++right;
    }
    return right;
  };
  EXPECT_EQ(hits(pairs), 20);
  EXPECT_LE(hits(alone), 10);
}

TEST(LogisticRegression, InTurnsScoresRowsWithoutALabelAndNeedsSomeWith) {
  const EmbeddingMatrix vectors = EmbeddingMatrix::zeros(4, 2);
  const std::vector<std::size_t> asked = {0, 1, 2, 3};
  const std::vector<std::size_t> some = {0, 2, 1, 0};  // 2: none
  const auto scores = cross_fit_and_score(vectors, some, alone_each(4), 2, asked, {2});
  ASSERT_TRUE(scores);
  EXPECT_NEAR(std::exp(scores->row(1)[0]) + std::exp(scores->row(1)[1]), 1, 1e-9);
  const std::vector<std::size_t> none = {2, 0, 2, 1};  // the first part has nothing to learn from
  EXPECT_FALSE(cross_fit_and_score(vectors, none, alone_each(4), 2, asked, {2}));
}

// A row looks like the other one of its group only.
TEST(LogisticRegression, InTurnsKnowsNothingOfTheGroup) {
  EmbeddingMatrix vectors = EmbeddingMatrix::zeros(20, 10);
  std::vector<std::size_t> labels;
  std::vector<std::size_t> pairs;
  std::vector<std::size_t> asked;
  for (std::size_t i = 0; i < 20; ++i) {
    vectors.row(i)[i / 2] = 1;
    labels.push_back(i / 2 % 2);
    pairs.push_back(i / 2);
    asked.push_back(i);
  }
  const auto hits = [&](const std::vector<std::size_t>& groups, int threads) {
    const auto scores = cross_fit_and_score(vectors, labels, groups, 2, asked, {5, 0, threads});
    EXPECT_TRUE(scores);
    int right = 0;
    for (std::size_t i = 0; i < 20; ++i) {
      if (scores->row(i)[labels[i]] > scores->row(i)[1 - labels[i]] + 1e-3) ++right;
    }
    return right;
  };
  EXPECT_EQ(hits(alone_each(20), 1), 20);
  EXPECT_LE(hits(pairs, 1), 10);
  EXPECT_EQ(hits(pairs, 3), hits(pairs, 1));
  // One group is one part, with nothing to learn from.
  EXPECT_FALSE(cross_fit_and_score(vectors, labels, std::vector<std::size_t>(20), 2, asked));
}

TEST(LogisticRegression, InTurnsLearnsFromSomeRowsDrawnAlwaysAlike) {
  EmbeddingMatrix vectors = EmbeddingMatrix::zeros(60, 2);
  std::vector<std::size_t> labels;
  std::vector<std::size_t> asked;
  for (std::size_t i = 0; i < 60; ++i) {
    const float angle = 0.05F * static_cast<float>(i);
    vectors.row(i)[0] = std::cos(angle);
    vectors.row(i)[1] = std::sin(angle);
    labels.push_back(i < 30 ? 0 : 1);
    asked.push_back(i);
  }
  const auto scored = [&](std::size_t most) {
    return cross_fit_and_score(vectors, labels, alone_each(60), 2, asked, {5, most})->values;
  };
  EXPECT_EQ(scored(12), scored(12));
  EXPECT_NE(scored(12), scored(0));
  EXPECT_EQ(scored(48), scored(0));  // four fifths
}

TEST(LogisticRegression, WithoutAnythingToTellGivesTheSharesOfTheClasses) {
  const EmbeddingMatrix vectors = EmbeddingMatrix::zeros(4, 2);
  const std::vector<std::size_t> labels = {0, 0, 0, 1};
  const std::vector<std::size_t> rows = {0, 1, 2, 3};
  const ScoreMatrix scores = fit_and_score(vectors, rows, labels, 2, rows);
  EXPECT_NEAR(std::exp(scores.row(0)[0]), 0.75, 1e-4);
}

}  // namespace
}  // namespace clippath
