// SPDX-License-Identifier: Apache-2.0
#include "encoder/runtime/vector_checks.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

namespace clippath {
namespace {

constexpr double kLengthTolerance = 1e-5;
// Vectors of one input in another batch differ by rounding alone; of bf16 the eighth bit is
// rounded.
constexpr double kBatchToleranceFp32 = 1e-5;
constexpr double kBatchToleranceBf16 = 1e-3;
// A tower whose weights are not those of its architecture maps all inputs to nearly one direction.
// Random towers and trained ones that never saw such inputs stay below.
constexpr double kMostSimilarPair = 0.99999;
constexpr double kMostMeanSimilarity = 0.999;

std::string text_of(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

ModelCheck check_lengths(const std::string& inputs, const EmbeddingMatrix& vectors) {
  double worst = 0;
  for (std::size_t i = 0; i < vectors.rows; ++i) {
    raise(worst, std::abs(std::sqrt(dot(vectors.row(i), vectors.row(i))) - 1));
  }
  return {inputs + ": unit length",
          worst <= kLengthTolerance,
          "lengths differ from 1 by at most " + text_of("%.1e", worst),
          {}};
}

/// Cosines of all pairs.
std::vector<double> pair_cosines(const EmbeddingMatrix& vectors) {
  std::vector<double> cosines;
  for (std::size_t i = 0; i < vectors.rows; ++i) {
    for (std::size_t j = 0; j < i; ++j) cosines.push_back(dot(vectors.row(i), vectors.row(j)));
  }
  return cosines;
}

ModelCheck check_distinct(const std::string& inputs, const std::vector<double>& cosines) {
  const double greatest = *std::max_element(cosines.begin(), cosines.end());
  return {inputs + ": distinct",
          greatest <= kMostSimilarPair,
          "greatest cosine of two " + text_of("%.6f", greatest) + ", limit " +
              text_of("%g", kMostSimilarPair),
          {}};
}

ModelCheck check_spread(const std::string& inputs, const std::vector<double>& cosines) {
  double mean = 0;
  for (double cosine : cosines) mean += cosine / static_cast<double>(cosines.size());
  return {inputs + ": not collapsed",
          mean <= kMostMeanSimilarity,
          "mean cosine of two " + text_of("%.4f", mean) + ", limit " +
              text_of("%g", kMostMeanSimilarity),
          {}};
}

Result<EmbeddingMatrix> encode_alone(const TowerUnderTest& tower) {
  EmbeddingMatrix all;
  for (std::size_t i = 0; i < tower.count; ++i) {
    CLIPPATH_TRY(const EmbeddingMatrix one, tower.encode(i, i + 1));
    all.dimension = one.dimension;
    all.rows += 1;
    all.values.insert(all.values.end(), one.values.begin(), one.values.end());
  }
  return all;
}

ModelCheck check_batch(const TowerUnderTest& tower, const EmbeddingMatrix& together, Dtype dtype) {
  const std::string name = tower.inputs + ": alone as in a batch";
  const auto alone = encode_alone(tower);
  if (!alone) return {name, false, alone.error().message, {}};
  return check_agreement(name, agreement_of(*alone, together),
                         dtype == Dtype::kFp32 ? kBatchToleranceFp32 : kBatchToleranceBf16);
}

}  // namespace

ModelCheck check_agreement(std::string name, const Agreement& agreement, double tolerance) {
  return {std::move(name), agreement.within(tolerance),
          "least cosine " + text_of("%.7f", agreement.least_cosine) + ", limit " +
              text_of("%.7g", 1 - tolerance) + "; largest difference " +
              text_of("%.1e", agreement.largest_difference),
          agreement};
}

std::vector<ModelCheck> check_vectors(const TowerUnderTest& tower, Dtype dtype) {
  const auto vectors = tower.encode(0, tower.count);
  if (!vectors) return {{tower.inputs + ": vectors", false, vectors.error().message, {}}};
  const std::vector<double> cosines = pair_cosines(*vectors);
  return {check_lengths(tower.inputs, *vectors), check_distinct(tower.inputs, cosines),
          check_spread(tower.inputs, cosines), check_batch(tower, *vectors, dtype)};
}

}  // namespace clippath
