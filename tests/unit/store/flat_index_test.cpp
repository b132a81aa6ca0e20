// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <random>
#include <thread>

#include "clippath/core/digest.h"
#include "clippath/core/files.h"
#include "clippath/vectors.h"
#include "tests/support/temp_dir.h"

namespace clippath {
namespace {

/// Values are multiples of 1/16 in [-1, 1]: half precision holds them, and every sum of products is
/// exact in float, in whatever order it is added up. So ties are ties, and there are many.
EmbeddingMatrix exact_vectors(std::mt19937& random, std::size_t rows, std::size_t dimension) {
  EmbeddingMatrix matrix = EmbeddingMatrix::zeros(rows, dimension);
  for (float& value : matrix.values)
    value = static_cast<float>(static_cast<int>(random() % 33) - 16) / 16.0F;
  // Duplicates on rows far from each other.
  for (std::size_t i = 0; rows > 1 && i < rows / 3; ++i) {
    const std::size_t from = random() % rows;
    const std::size_t to = random() % rows;
    std::ranges::copy(matrix.row(from), matrix.row(to).begin());
  }
  return matrix;
}

/// A plain loop over every allowed row, then a sort.
std::vector<RowHit> scan(const EmbeddingMatrix& vectors, std::span<const float> query,
                         std::int64_t k, const RowSet* allowed) {
  std::vector<RowHit> hits;
  for (std::size_t row = 0; row < vectors.rows; ++row) {
    const auto number = static_cast<std::int64_t>(row);
    if (allowed != nullptr && !allowed->contains(number)) continue;
    double sum = 0;
    for (std::size_t i = 0; i < vectors.dimension; ++i)
      sum += static_cast<double>(vectors.row(row)[i]) * static_cast<double>(query[i]);
    hits.push_back({number, static_cast<float>(sum)});
  }
  std::ranges::stable_sort(hits, std::greater<>(), &RowHit::similarity);
  if (std::ssize(hits) > k) hits.resize(static_cast<std::size_t>(k));
  return hits;
}

std::unique_ptr<const VectorIndex> make(const EmbeddingMatrix& vectors) {
  auto index = make_flat_index(vectors);
  EXPECT_TRUE(index) << index.error().message;
  return std::move(*index);
}

TEST(FlatIndex, AnswersAsAPlainScanDoes) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const std::size_t dimension = 1 + random() % 40;
    const std::size_t rows = random() % 400;
    const EmbeddingMatrix vectors = exact_vectors(random, rows, dimension);
    const EmbeddingMatrix queries = exact_vectors(random, 3, dimension);
    const auto index = make(vectors);
    RowSet some(static_cast<std::int64_t>(rows));
    const auto one_in = 1 + random() % 20;
    for (std::int64_t row = 0; row < some.rows(); ++row) {
      if (random() % one_in == 0) some.insert(row);
    }
    for (std::size_t q = 0; q < queries.rows; ++q) {
      for (const std::int64_t k : {1, 2, 10, 57, 1000}) {
        const auto all = index->search(queries.row(q), k, nullptr);
        ASSERT_TRUE(all) << all.error().message;
        ASSERT_EQ(*all, scan(vectors, queries.row(q), k, nullptr)) << "k " << k;
        const auto filtered = index->search(queries.row(q), k, &some);
        ASSERT_TRUE(filtered) << filtered.error().message;
        ASSERT_EQ(*filtered, scan(vectors, queries.row(q), k, &some)) << "filtered, k " << k;
      }
    }
  }
}

TEST(FlatIndex, ResolvesTiesByRowHoweverManyThereAre) {
  // The better rows come last and push equal ones out of any list that was full before.
  constexpr std::int64_t kRows = 5000;
  constexpr std::int64_t kBetter = 10;
  EmbeddingMatrix vectors = EmbeddingMatrix::zeros(kRows, 8);
  for (std::size_t row = 0; row < vectors.rows; ++row)
    vectors.row(row)[0] = row < kRows - kBetter ? 1 : 2;
  const auto index = make(vectors);
  const auto hits = index->search(vectors.row(0), kBetter + 3, nullptr);
  ASSERT_TRUE(hits);
  std::vector<RowHit> expected;
  for (std::int64_t row = kRows - kBetter; row < kRows; ++row) expected.push_back({row, 2.0F});
  for (std::int64_t row = 0; row < 3; ++row) expected.push_back({row, 1.0F});
  EXPECT_EQ(*hits, expected);
  RowSet odd(kRows);
  for (std::int64_t row = 1; row < kRows - kBetter; row += 2) odd.insert(row);
  EXPECT_EQ(index->search(vectors.row(0), 2, &odd)->back().row, 3);
}

TEST(FlatIndex, GivesSimilaritiesEqualToThoseOfASearch) {
  std::mt19937 random(3);
  std::normal_distribution<float> normal;
  for (const std::size_t dimension : {7, 64, 256}) {
    EmbeddingMatrix vectors = EmbeddingMatrix::zeros(200, dimension);
    for (float& value : vectors.values) value = normal(random);
    for (std::size_t row = 0; row < vectors.rows; ++row) normalize(vectors.row(row));
    const auto index = make(vectors);
    const auto hits = index->search(vectors.row(17), 200, nullptr);
    ASSERT_TRUE(hits);
    EXPECT_EQ(hits->front().row, 17);
    EXPECT_NEAR(hits->front().similarity, 1, 1e-3);
    std::vector<std::int64_t> rows;
    for (const RowHit& hit : *hits) rows.push_back(hit.row);
    const auto again = index->similarities(vectors.row(17), rows);
    ASSERT_TRUE(again);
    for (std::size_t i = 0; i < rows.size(); ++i)
      EXPECT_EQ((*again)[i], (*hits)[i].similarity) << "dimension " << dimension;
  }
}

TEST(FlatIndex, KeepsHalfPrecisionVectorsExactly) {
  std::mt19937 random(4);
  const EmbeddingMatrix vectors = exact_vectors(random, 20, 24);
  const auto index = make(vectors);
  for (std::size_t row = 0; row < vectors.rows; ++row) {
    const Embedding stored = index->vector(static_cast<std::int64_t>(row));
    EXPECT_TRUE(std::ranges::equal(stored, vectors.row(row)));
  }
}

TEST(FlatIndex, RefusesQueriesThatAreNone) {
  std::mt19937 random(5);
  const auto index = make(exact_vectors(random, 20, 8));
  const auto kind = [&](const Embedding& query, std::int64_t k) {
    const auto hits = index->search(query, k, nullptr);
    return hits ? std::optional<ErrorKind>() : std::optional(hits.error().kind);
  };
  EXPECT_EQ(kind(Embedding(7), 1), ErrorKind::kInvalidArgument);
  EXPECT_EQ(kind(Embedding(8), 0), ErrorKind::kInvalidArgument);
  Embedding query(8);
  query[3] = NAN;
  EXPECT_EQ(kind(query, 1), ErrorKind::kInvalidArgument);
  query[3] = INFINITY;
  EXPECT_EQ(kind(query, 1), ErrorKind::kInvalidArgument);
  query[3] = 0;
  EXPECT_EQ(kind(query, 1), std::nullopt);
}

TEST(FlatIndex, RefusesVectorsThatAreNone) {
  EXPECT_FALSE(make_flat_index(EmbeddingMatrix::zeros(0, 0)));
  EmbeddingMatrix vectors = EmbeddingMatrix::zeros(2, 4);
  vectors.row(1)[2] = NAN;
  EXPECT_FALSE(make_flat_index(vectors));
}

TEST(FlatIndex, AnswersNothingWhenItIsEmpty) {
  const auto index = make(EmbeddingMatrix::zeros(0, 8));
  EXPECT_EQ(index->rows(), 0);
  EXPECT_TRUE(index->search(Embedding(8), 5, nullptr)->empty());
}

TEST(FlatIndex, AnswersManyThreadsAtOnce) {
  std::mt19937 random(6);
  const EmbeddingMatrix vectors = exact_vectors(random, 2000, 32);
  const EmbeddingMatrix queries = exact_vectors(random, 64, 32);
  const auto index = make(vectors);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t q = t; q < queries.rows; q += 8)
        EXPECT_EQ(*index->search(queries.row(q), 20, nullptr),
                  scan(vectors, queries.row(q), 20, nullptr));
    });
  }
  for (std::thread& thread : threads) thread.join();
}

class FlatIndexFile : public testing::Test {
 protected:
  void SetUp() override {
    std::mt19937 random(7);
    vectors_ = exact_vectors(random, 50, 16);
    const auto digest = make(vectors_)->write(path());
    ASSERT_TRUE(digest) << digest.error().message;
    digest_ = *digest;
  }
  [[nodiscard]] std::filesystem::path path() const { return folder_.path() / "vectors.faiss"; }
  [[nodiscard]] ErrorKind kind_of(const Result<std::unique_ptr<const VectorIndex>>& index) const {
    EXPECT_FALSE(index);
    return index ? ErrorKind::kInternal : index.error().kind;
  }

  test::TempDir folder_;
  EmbeddingMatrix vectors_;
  std::string digest_;
};

TEST_F(FlatIndexFile, AnswersAsTheIndexThatWroteIt) {
  EXPECT_EQ(digest_, to_hex(*sha256_file(path())));
  const auto index = read_flat_index(path(), digest_, 50, 16);
  ASSERT_TRUE(index) << index.error().message;
  EXPECT_EQ(*(*index)->search(vectors_.row(3), 50, nullptr),
            scan(vectors_, vectors_.row(3), 50, nullptr));
}

TEST_F(FlatIndexFile, IsRefusedWithAnotherDigestShapeOrName) {
  EXPECT_EQ(kind_of(read_flat_index(path(), std::string(64, '0'), 50, 16)), ErrorKind::kCorruption);
  EXPECT_EQ(kind_of(read_flat_index(path(), digest_, 51, 16)), ErrorKind::kCorruption);
  EXPECT_EQ(kind_of(read_flat_index(path(), digest_, 50, 24)), ErrorKind::kCorruption);
  EXPECT_EQ(kind_of(read_flat_index(folder_.path() / "no", digest_, 50, 16)), ErrorKind::kNotFound);
}

TEST_F(FlatIndexFile, IsRefusedWhenCutOrHostileEvenWithARightDigest) {
  const std::vector<std::uint8_t> bytes = *read_file(path(), 1U << 20U);
  // Cut anywhere, grown, and with large numbers where FAISS keeps sizes.
  std::vector<std::vector<std::uint8_t>> variants;
  for (std::size_t length = 0; length < bytes.size(); length += 97)
    variants.emplace_back(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length));
  variants.push_back(bytes);
  variants.back().push_back(0);
  for (std::size_t place = 0; place < 120; place += 8) {
    variants.push_back(bytes);
    std::fill_n(variants.back().begin() + static_cast<std::ptrdiff_t>(place), 4, 0x3f);
  }
  int refused = 0;
  for (const auto& variant : variants) {
    ASSERT_TRUE(write_file_durably(path(), variant));
    const auto index = read_flat_index(path(), to_hex(*sha256_file(path())), 50, 16);
    if (!index) {
      EXPECT_EQ(index.error().kind, ErrorKind::kCorruption) << index.error().message;
      ++refused;
    }
  }
  EXPECT_GT(refused, static_cast<int>(variants.size()) / 2);
}

TEST_F(FlatIndexFile, IsNotWrittenWhereItCannotBe) {
  const auto index = make(vectors_);
  EXPECT_FALSE(index->write(folder_.path() / "no" / "vectors.faiss"));
  const auto full = index->write("/dev/full");
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().kind, ErrorKind::kOutOfSpace) << full.error().message;
}

}  // namespace
}  // namespace clippath
