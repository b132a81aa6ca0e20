// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <tuple>

#include "clippath/classify.h"

namespace clippath {
namespace {

/// Of the n largest: the smallest lies at the front, ready to be replaced.
void keep_largest(std::vector<float>& heap, std::size_t n, float value) {
  if (heap.size() < n) {
    heap.push_back(value);
    std::push_heap(heap.begin(), heap.end(), std::greater<>());
  } else if (value > heap.front()) {
    std::pop_heap(heap.begin(), heap.end(), std::greater<>());
    heap.back() = value;
    std::push_heap(heap.begin(), heap.end(), std::greater<>());
  }
}

/// Sorted first: a sum depends on its order.
double mean_of_sorted(std::vector<float> values) {
  std::sort(values.begin(), values.end());
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

std::vector<double> softmax(const std::vector<double>& similarities, double scale) {
  const double largest = *std::max_element(similarities.begin(), similarities.end());
  std::vector<double> values;
  for (const double similarity : similarities) {
    values.push_back(std::exp((similarity - largest) * scale));
  }
  const double sum = std::accumulate(values.begin(), values.end(), 0.0);
  for (double& value : values) value /= sum;
  return values;
}

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

std::optional<double> spread_of(const std::vector<double>& values) {
  if (values.size() < 2) return std::nullopt;
  const double mean = mean_of(values);
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

}  // namespace

TopPool::TopPool(const ClassVectors& classes, std::size_t top_j)
    : classes_(classes), top_j_(top_j) {
  CLIPPATH_CHECK(top_j >= 1);
  for (const EmbeddingMatrix& ensemble : classes) largest_.emplace_back(ensemble.rows);
}

void TopPool::add(std::span<const float> vector) {
  for (std::size_t ensemble = 0; ensemble < classes_.size(); ++ensemble) {
    for (std::size_t i = 0; i < classes_[ensemble].rows; ++i) {
      keep_largest(largest_[ensemble][i], top_j_, dot(vector, classes_[ensemble].row(i)));
    }
  }
  ++added_;
}

std::vector<std::vector<double>> TopPool::similarities() const {
  CLIPPATH_CHECK(added_ > 0);
  std::vector<std::vector<double>> all;
  for (const auto& ensemble : largest_) {
    std::vector<double> of_classes;
    std::transform(ensemble.begin(), ensemble.end(), std::back_inserter(of_classes),
                   mean_of_sorted);
    all.push_back(std::move(of_classes));
  }
  return all;
}

std::vector<ClassScore> score_classes(const ClassPrompts& prompts,
                                      const std::vector<std::vector<double>>& similarities,
                                      double logit_scale) {
  std::vector<std::vector<double>> probabilities;
  for (const auto& ensemble : similarities) {
    probabilities.push_back(softmax(ensemble, logit_scale));
  }
  const auto over_ensembles = [](const std::vector<std::vector<double>>& table, std::size_t i) {
    std::vector<double> column;
    for (const auto& ensemble : table) column.push_back(ensemble[i]);
    return column;
  };
  std::vector<ClassScore> scores;
  for (std::size_t i = 0; i < prompts.classes().size(); ++i) {
    const std::vector<double> cosines = over_ensembles(similarities, i);
    const std::vector<double> chances = over_ensembles(probabilities, i);
    scores.push_back({i, prompts.classes()[i].name, mean_of(cosines), mean_of(chances),
                      spread_of(cosines), spread_of(chances)});
  }
  std::stable_sort(scores.begin(), scores.end(), [](const ClassScore& a, const ClassScore& b) {
    return std::tie(a.probability, a.similarity) > std::tie(b.probability, b.similarity);
  });
  return scores;
}

}  // namespace clippath
