// SPDX-License-Identifier: Apache-2.0
#include "encoder/runtime/vector_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace clippath {
namespace {

using Rows = std::vector<std::vector<float>>;

TowerUnderTest tower_of(Rows rows) {
  return {"pictures", rows.size(),
          [=](std::size_t begin, std::size_t end) -> Result<EmbeddingMatrix> {
            EmbeddingMatrix matrix = EmbeddingMatrix::zeros(end - begin, rows.front().size());
            for (std::size_t i = begin; i < end; ++i) {
              std::copy(rows[i].begin(), rows[i].end(), matrix.row(i - begin).begin());
            }
            return matrix;
          }};
}

std::vector<std::string> failed_of(const TowerUnderTest& tower, Dtype dtype = Dtype::kFp32) {
  std::vector<std::string> names;
  for (const ModelCheck& check : check_vectors(tower, dtype)) {
    if (!check.passed) names.push_back(check.name);
  }
  return names;
}

const Rows kSound = {{1, 0, 0}, {0, 1, 0}, {0.6F, 0, 0.8F}};

TEST(VectorChecks, PassASoundTower) {
  EXPECT_THAT(failed_of(tower_of(kSound)), testing::IsEmpty());
  EXPECT_EQ(check_vectors(tower_of(kSound), Dtype::kFp32).size(), 4U);
}

TEST(VectorChecks, FindLengthsThatAreNotOne) {
  EXPECT_THAT(failed_of(tower_of({{1, 0}, {0, 1.001F}})),
              testing::Contains("pictures: unit length"));
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(failed_of(tower_of({{nan, 0}, {0, 1}})), testing::Contains("pictures: unit length"));
}

TEST(VectorChecks, FindTwoInputsWithOneVector) {
  EXPECT_THAT(failed_of(tower_of({{1, 0}, {0, 1}, {0, 1}})),
              testing::ElementsAre("pictures: distinct"));
}

TEST(VectorChecks, FindATowerThatHasCollapsed) {
  const Rows close = {{1, 0}, {0.99995F, 0.01F}, {0.9998F, 0.02F}};
  EXPECT_THAT(failed_of(tower_of(close)), testing::Contains("pictures: not collapsed"));
}

TEST(VectorChecks, FindVectorsThatDependOnTheBatch) {
  Rows turned = kSound;
  TowerUnderTest tower = tower_of(kSound);
  turned[0] = {0.9998F, 0.02F, 0};
  tower.encode = [all = tower.encode, one = tower_of(turned).encode](std::size_t begin,
                                                                     std::size_t end) {
    return end - begin == 1 ? one(begin, end) : all(begin, end);
  };
  EXPECT_THAT(failed_of(tower), testing::ElementsAre("pictures: alone as in a batch"));
  EXPECT_THAT(failed_of(tower, Dtype::kBf16), testing::IsEmpty());
}

TEST(VectorChecks, ATowerThatFailsIsOneFailedCheckWithItsReason) {
  const TowerUnderTest broken{
      "texts", 2, [](std::size_t, std::size_t) {
        return Result<EmbeddingMatrix>(fail(ErrorKind::kInternal, "values that are not finite"));
      }};
  const auto checks = check_vectors(broken, Dtype::kFp32);
  ASSERT_EQ(checks.size(), 1U);
  EXPECT_FALSE(checks[0].passed);
  EXPECT_EQ(checks[0].detail, "values that are not finite");
}

TEST(Agreement, NanIsNeverWithinATolerance) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE((Agreement{nan, 0}).within(1));
  const TowerAgreement one{Agreement{nan, 0}, Agreement{0.5, 0}};
  EXPECT_FALSE(one.least_cosine() >= 0.1);
  EXPECT_EQ((TowerAgreement{Agreement{0.9, 0}, Agreement{0.5, 0}}).least_cosine(), 0.5);
}

}  // namespace
}  // namespace clippath
