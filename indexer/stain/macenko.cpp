// SPDX-License-Identifier: Apache-2.0
#include "indexer/stain/macenko.h"

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>
#include <utility>
#include <vector>

#include "indexer/stain/lanes.h"
#include "indexer/stain/percentile.h"
#include "indexer/stain/stain_vector.h"

namespace clippath {
namespace {

constexpr double kLowPercentile = 1;
constexpr double kHighPercentile = 99;

/// In one pass: lanes that only fill the end up are densities of 0 and add nothing.
CLIPPATH_FOR_EACH_PROCESSOR cv::Matx33d covariance_of(const OpticalDensities& x) {
  std::array<Lanes, 3> sums{};
  std::array<std::array<Lanes, 3>, 3> products{};
  for (std::size_t i = 0; i < x.channels[0].size(); i += kLanes) {
    const std::array<Lanes, 3> v{load_lanes(&x.channels[0][i]), load_lanes(&x.channels[1][i]),
                                 load_lanes(&x.channels[2][i])};
    for (std::size_t a = 0; a < 3; ++a) {
      sums[a] += v[a];
      for (std::size_t b = 0; b <= a; ++b) products[a][b] += v[a] * v[b];
    }
  }
  const auto n = static_cast<double>(x.count);
  cv::Matx33d covariance;
  for (std::size_t a = 0; a < 3; ++a) {
    for (std::size_t b = 0; b <= a; ++b) {
      const double value =
          sum_of(products[a][b]) / n - (sum_of(sums[a]) / n) * (sum_of(sums[b]) / n);
      covariance(static_cast<int>(a), static_cast<int>(b)) = value;
      covariance(static_cast<int>(b), static_cast<int>(a)) = value;
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

/// A number that grows with the angle atan2(y, x) from -2 to 2, without a trigonometric function:
/// the way along the square |x| + |y| = 1.
CLIPPATH_INLINE_LANES Lanes turn_of(Lanes y, Lanes x) {
  const Lanes zero = all_lanes(0);
  const Lanes length = (x < zero ? -x : x) + (y < zero ? -y : y) + all_lanes(1e-300);
  const Lanes share = y / length;
  const Lanes two = y < zero ? all_lanes(-2) : all_lanes(2);
  return x < zero ? two - share : share;
}

double angle_of_turn(double turn) {
  if (std::abs(turn) <= 1) return std::atan2(turn, 1 - std::abs(turn));
  const double share = std::copysign(2.0, turn) - turn;
  return std::atan2(share, std::abs(share) - 1);
}

/// Of every pixel within the plane.
CLIPPATH_FOR_EACH_PROCESSOR std::vector<double> turns_in(
    const std::pair<StainVector, StainVector>& plane, const OpticalDensities& x) {
  std::vector<double> turns(x.channels[0].size());
  for (std::size_t i = 0; i < turns.size(); i += kLanes) {
    Lanes along_first{};
    Lanes along_second{};
    for (std::size_t c = 0; c < 3; ++c) {
      const Lanes v = load_lanes(&x.channels[c][i]);
      along_first += v * all_lanes(plane.first[c]);
      along_second += v * all_lanes(plane.second[c]);
    }
    store_lanes(turn_of(along_second, along_first), &turns[i]);
  }
  turns.resize(x.count);
  return turns;
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
  std::vector<double> turns = turns_in(plane, tissue);
  const StainVector low = unit_at(plane, angle_of_turn(percentile(turns, kLowPercentile)));
  const StainVector high = unit_at(plane, angle_of_turn(percentile(turns, kHighPercentile)));
  return low[0] > high[0] ? StainMatrix{low, high} : StainMatrix{high, low};
}

}  // namespace clippath
