// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "clippath/colour_baseline.h"
#include "clippath/core/check.h"

namespace clippath {
namespace {

// The loss of a row of length x bends by at most |x|^2 / 2, and rows have a constant beside at most
// unit length: a step of 1 never overshoots.
constexpr double kStep = 1;

struct Entry {
  std::size_t feature = 0;
  double value = 0;
};

/// The features that are not zero, and the constant after them: most bins of a histogram are empty.
std::vector<Entry> sparse(std::span<const float> row) {
  std::vector<Entry> entries;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (row[i] != 0) entries.push_back({i, static_cast<double>(row[i])});
  }
  entries.push_back({row.size(), 1});
  return entries;
}

/// Coefficients `[features + 1, classes]`.
class Coefficients {
 public:
  Coefficients(std::size_t features, std::size_t classes)
      : classes_(classes), values_((features + 1) * classes, 0) {}

  std::vector<double>& values() { return values_; }
  [[nodiscard]] std::vector<double> log_probabilities(const std::vector<Entry>& row) const {
    std::vector<double> scores(classes_, 0);
    for (const Entry& entry : row) {
      const double* of_feature = values_.data() + entry.feature * classes_;
      for (std::size_t c = 0; c < classes_; ++c) scores[c] += entry.value * of_feature[c];
    }
    const double most = *std::max_element(scores.begin(), scores.end());
    double sum = 0;
    for (const double score : scores) sum += std::exp(score - most);
    const double normaliser = most + std::log(sum);
    for (double& score : scores) score -= normaliser;
    return scores;
  }
  void add(const std::vector<Entry>& row, const std::vector<double>& per_class) {
    for (const Entry& entry : row) {
      double* of_feature = values_.data() + entry.feature * classes_;
      for (std::size_t c = 0; c < classes_; ++c) of_feature[c] += entry.value * per_class[c];
    }
  }

 private:
  std::size_t classes_;
  std::vector<double> values_;
};

struct Example {
  std::vector<Entry> row;
  std::size_t label = 0;
};

/// Gradient of the mean loss, without the penalty.
Coefficients gradient_at(const Coefficients& at, const std::vector<Example>& examples,
                         std::size_t features, std::size_t classes) {
  Coefficients gradient(features, classes);
  for (const Example& example : examples) {
    std::vector<double> residual = at.log_probabilities(example.row);
    for (double& value : residual) value = std::exp(value);
    residual[example.label] -= 1;
    for (double& value : residual) value /= static_cast<double>(examples.size());
    gradient.add(example.row, residual);
  }
  return gradient;
}

Coefficients fit(const std::vector<Example>& examples, std::size_t features, std::size_t classes,
                 const RegressionOptions& options) {
  Coefficients current(features, classes);
  Coefficients ahead = current;
  double momentum = 1;
  for (std::size_t iteration = 0; iteration < options.iterations; ++iteration) {
    Coefficients gradient = gradient_at(ahead, examples, features, classes);
    const double next_momentum = (1 + std::sqrt(1 + 4 * momentum * momentum)) / 2;
    const double carried = (momentum - 1) / next_momentum;
    momentum = next_momentum;
    for (std::size_t i = 0; i < current.values().size(); ++i) {
      double& from = ahead.values()[i];
      const double next = from - kStep * (gradient.values()[i] + options.l2 * from);
      from = next + carried * (next - current.values()[i]);
      current.values()[i] = next;
    }
  }
  return current;
}

}  // namespace

ScoreMatrix fit_and_score(const EmbeddingMatrix& vectors, std::span<const std::size_t> learnt,
                          std::span<const std::size_t> labels, std::size_t classes,
                          std::span<const std::size_t> asked, const RegressionOptions& options) {
  CLIPPATH_CHECK(!learnt.empty() && labels.size() == vectors.rows);
  std::vector<Example> examples;
  for (const std::size_t row : learnt) {
    CLIPPATH_CHECK(labels[row] < classes);
    examples.push_back({sparse(vectors.row(row)), labels[row]});
  }
  const Coefficients fitted = fit(examples, vectors.dimension, classes, options);
  ScoreMatrix scores{asked.size(), classes, {}};
  for (const std::size_t row : asked) {
    const auto of_row = fitted.log_probabilities(sparse(vectors.row(row)));
    scores.values.insert(scores.values.end(), of_row.begin(), of_row.end());
  }
  return scores;
}

std::optional<ScoreMatrix> cross_fit_and_score(
    const EmbeddingMatrix& vectors, std::span<const std::size_t> labels, std::size_t classes,
    std::span<const std::size_t> asked, std::size_t folds, const RegressionOptions& options) {
  CLIPPATH_CHECK(folds >= 2);
  ScoreMatrix scores{asked.size(), classes, std::vector<double>(asked.size() * classes)};
  for (std::size_t fold = 0; fold < folds; ++fold) {
    std::vector<std::size_t> learnt;
    std::vector<std::size_t> left_out;
    for (std::size_t i = 0; i < asked.size(); ++i) {
      if (i % folds == fold) {
        left_out.push_back(asked[i]);
      } else if (labels[asked[i]] < classes) {
        learnt.push_back(asked[i]);
      }
    }
    if (learnt.empty()) return std::nullopt;
    const ScoreMatrix part = fit_and_score(vectors, learnt, labels, classes, left_out, options);
    for (std::size_t row = 0; row < left_out.size(); ++row) {
      const auto to = static_cast<std::ptrdiff_t>((fold + row * folds) * classes);
      std::ranges::copy(part.row(row), scores.values.begin() + to);
    }
  }
  return scores;
}

}  // namespace clippath
