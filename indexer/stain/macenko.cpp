// SPDX-License-Identifier: Apache-2.0
#include "indexer/stain/macenko.h"

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>
#include <utility>
#include <vector>

#include "indexer/stain/percentile.h"
#include "indexer/stain/stain_vector.h"

namespace clippath {
namespace {

constexpr double kLowPercentile = 1;
constexpr double kHighPercentile = 99;

cv::Matx33d covariance_of(const OpticalDensities& x) {
  const auto n = static_cast<double>(x.count);
  StainVector mean{};
  for (std::size_t c = 0; c < 3; ++c) {
    for (std::size_t i = 0; i < x.count; ++i) mean[c] += x.channels[c][i];
    mean[c] /= n;
  }
  cv::Matx33d covariance = cv::Matx33d::zeros();
  for (int a = 0; a < 3; ++a) {
    for (int b = 0; b <= a; ++b) {
      const auto& first = x.channels[static_cast<std::size_t>(a)];
      const auto& second = x.channels[static_cast<std::size_t>(b)];
      double sum = 0;
      for (std::size_t i = 0; i < x.count; ++i) {
        sum += (first[i] - mean[static_cast<std::size_t>(a)]) *
               (second[i] - mean[static_cast<std::size_t>(b)]);
      }
      covariance(a, b) = covariance(b, a) = sum / n;
    }
  }
  return covariance;
}

/// The eigenvectors of the two largest eigenvalues, each with a first component that is not
/// negative.
std::pair<StainVector, StainVector> main_plane(const OpticalDensities& x) {
  cv::Mat values;
  cv::Mat vectors;
  cv::eigen(cv::Mat(covariance_of(x)), values, vectors);  // largest first, a vector a row
  const auto row = [&vectors](int r) {
    const double sign = vectors.at<double>(r, 0) < 0 ? -1 : 1;
    return StainVector{sign * vectors.at<double>(r, 0), sign * vectors.at<double>(r, 1),
                       sign * vectors.at<double>(r, 2)};
  };
  return {row(0), row(1)};
}

StainVector unit_at(const std::pair<StainVector, StainVector>& plane, double angle) {
  StainVector stain{};
  for (std::size_t c = 0; c < 3; ++c) {
    stain[c] = plane.first[c] * std::cos(angle) + plane.second[c] * std::sin(angle);
  }
  return unit(stain);
}

}  // namespace

StainMatrix macenko_matrix(const OpticalDensities& tissue) {
  const auto plane = main_plane(tissue);
  const auto along = [&tissue](const StainVector& v, std::size_t i) {
    return tissue.channels[0][i] * v[0] + tissue.channels[1][i] * v[1] +
           tissue.channels[2][i] * v[2];
  };
  std::vector<double> angles(tissue.count);
  for (std::size_t i = 0; i < tissue.count; ++i) {
    angles[i] = std::atan2(along(plane.second, i), along(plane.first, i));
  }
  const StainVector low = unit_at(plane, percentile(angles, kLowPercentile));
  const StainVector high = unit_at(plane, percentile(angles, kHighPercentile));
  return low[0] > high[0] ? StainMatrix{low, high} : StainMatrix{high, low};
}

}  // namespace clippath
