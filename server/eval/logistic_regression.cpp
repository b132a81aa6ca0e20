// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>

#include "clippath/colour_baseline.h"
#include "clippath/core/check.h"
#include "clippath/core/on_threads.h"
#include "server/eval/random_draw.h"

namespace clippath {
namespace {

// The loss of a row of length x bends by at most |x|^2 / 2, and rows have a constant beside at most
// unit length: a step of 1 never overshoots.
constexpr double kStep = 1;
constexpr std::uint64_t kDrawSeed = 0;

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

/// What is learnt and asked in one turn.
struct Part {
  std::vector<std::size_t> learnt;
  std::vector<std::size_t> asked;
  std::vector<std::size_t> places;  ///< of the rows asked, among all of them
};

/// The part of each row asked: that of its group, or for a new group the one with the fewest rows.
std::vector<std::size_t> dealt_out(std::span<const std::size_t> groups,
                                   std::span<const std::size_t> asked, std::size_t parts) {
  std::map<std::size_t, std::size_t> rows_of_group;
  for (const std::size_t row : asked) ++rows_of_group[groups[row]];
  std::vector<std::size_t> rows_of_part(parts);
  std::map<std::size_t, std::size_t> part_of_group;
  std::vector<std::size_t> result;
  for (const std::size_t row : asked) {
    const std::size_t group = groups[row];
    const auto fewest = std::ranges::min_element(rows_of_part) - rows_of_part.begin();
    const auto [part, added] = part_of_group.emplace(group, static_cast<std::size_t>(fewest));
    if (added) rows_of_part[part->second] += rows_of_group[group];
    result.push_back(part->second);
  }
  return result;
}

/// Draws `most` of the rows by chance, in their order; 0: keeps all.
void keep_some(std::vector<std::size_t>& rows, std::size_t most) {
  if (most == 0 || rows.size() <= most) return;
  RandomDraw(kDrawSeed).draw_to_front(rows, most);
  rows.resize(most);
  std::ranges::sort(rows);
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
    const EmbeddingMatrix& vectors, std::span<const std::size_t> labels,
    std::span<const std::size_t> groups, std::size_t classes, std::span<const std::size_t> asked,
    const CrossFit& turns, const RegressionOptions& options) {
  CLIPPATH_CHECK(turns.parts >= 2 && groups.size() == vectors.rows);
  const std::vector<std::size_t> part_of = dealt_out(groups, asked, turns.parts);
  std::vector<Part> parts(turns.parts);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    for (std::size_t part = 0; part < parts.size(); ++part) {
      if (part == part_of[i]) {
        parts[part].places.push_back(i);
        parts[part].asked.push_back(asked[i]);
      } else if (labels[asked[i]] < classes) {
        parts[part].learnt.push_back(asked[i]);
      }
    }
  }
  std::erase_if(parts, [](const Part& part) { return part.asked.empty(); });
  for (Part& part : parts) {
    if (part.learnt.empty()) return std::nullopt;
    keep_some(part.learnt, turns.most_learnt);
  }
  ScoreMatrix scores{asked.size(), classes, std::vector<double>(asked.size() * classes)};
  on_threads(parts.size(), turns.threads, [&](std::size_t i) {
    const Part& part = parts[i];
    const ScoreMatrix of_part =
        fit_and_score(vectors, part.learnt, labels, classes, part.asked, options);
    for (std::size_t row = 0; row < part.places.size(); ++row) {
      const auto to = static_cast<std::ptrdiff_t>(part.places[row] * classes);
      std::ranges::copy(of_part.row(row), scores.values.begin() + to);
    }
    return true;
  });
  return scores;
}

}  // namespace clippath
