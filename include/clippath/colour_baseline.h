// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "clippath/core/embedding.h"
#include "clippath/core/image.h"
#include "clippath/evaluation.h"

namespace clippath {

/// Length of a colour histogram: 8 bins of L* over 0..100, 8 of a* over -16..64, 8 of b* over
/// -40..24 (where the colours of H&E lie); what is outside counts to the outermost bin.
inline constexpr std::size_t kColourBins = 512;

/// What a picture's colours alone say: the square root of the share of its pixels in each bin of
/// CIE L*a*b* (D65, as OpenCV packs it in 8 bits). Unit length, so a cosine of two is their
/// Bhattacharyya coefficient. A picture without pixels has only zeros.
Embedding colour_histogram(const RgbImage& picture);

/// How the regression is fitted. Fixed, so that a figure can be repeated.
struct RegressionOptions {
  std::size_t iterations = 500;
  double l2 = 1e-5;  ///< weight of half the squared coefficients beside the mean loss
};

/// Multinomial logistic regression on some rows, and the logarithms of the probabilities that it
/// gives to others: `[asked, classes]`. Accelerated full-batch gradient descent (Nesterov 1983)
/// from zero with a fixed step, so the same input gives the same bytes. A class without an example
/// keeps the least probability, for the fit pushes it down wherever it is not met.
/// @param vectors  `[n, dimension]`, rows of at most unit length.
/// @param learnt   rows to learn from; at least one.
/// @param labels   class of each of the n rows, below `classes`.
ScoreMatrix fit_and_score(const EmbeddingMatrix& vectors, std::span<const std::size_t> learnt,
                          std::span<const std::size_t> labels, std::size_t classes,
                          std::span<const std::size_t> asked,
                          const RegressionOptions& options = {});

/// How rows that are asked about are learnt from, too.
struct CrossFit {
  std::size_t parts = 5;        ///< at least 2
  std::size_t most_learnt = 0;  ///< rows of a fit, drawn by chance with a fixed seed; 0: all
  int threads = 1;              ///< parts that are fitted beside each other
};

/// The same where no rows are set apart to learn from: the rows asked about are dealt out to
/// parts, whole groups to the part with the fewest rows, and each part is scored by what is learnt
/// from the others. With a group a row, rows of one slide are in all parts, and this says how far
/// colours get that have seen the slide. A row with a label of `classes` or more is scored and not
/// learnt from. Nothing where a part has nothing to learn from.
/// @param groups  group of each of the n rows.
std::optional<ScoreMatrix> cross_fit_and_score(
    const EmbeddingMatrix& vectors, std::span<const std::size_t> labels,
    std::span<const std::size_t> groups, std::size_t classes, std::span<const std::size_t> asked,
    const CrossFit& turns = {}, const RegressionOptions& options = {});

}  // namespace clippath
