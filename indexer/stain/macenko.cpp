// SPDX-License-Identifier: Apache-2.0
#include "indexer/stain/macenko.h"

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>
#include <vector>

#include "indexer/stain/lanes.h"
#include "indexer/stain/optical_density.h"
#include "indexer/stain/percentile.h"
#include "indexer/stain/stain_vector.h"
#include "indexer/stain/tissue_pixels.h"

namespace clippath {
namespace {

constexpr double kLowPercentile = 1;
constexpr double kHighPercentile = 99;

/// Densities of one block; lanes that only fill the end up are 0 and add nothing to a sum.
struct DensityBlock {
  std::size_t filled = 0;
  std::array<std::array<double, kBlockPixels>, 3> channels;
};

void read_densities(std::span<const std::uint8_t> rgb, DensityBlock& block) {
  const std::array<double, 256>& density = density_of_level();
  const std::size_t count = rgb.size() / 3;
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t c = 0; c < 3; ++c) block.channels[c][i] = density[rgb[3 * i + c]];
  }
  block.filled = (count + kLanes - 1) / kLanes * kLanes;
  for (auto& channel : block.channels) {
    std::fill(channel.begin() + static_cast<std::ptrdiff_t>(count),
              channel.begin() + static_cast<std::ptrdiff_t>(block.filled), 0.0);
  }
}

/// Sums over pixels, in lanes.
struct Moments {
  std::array<Lanes, 3> sums{};
  std::array<std::array<Lanes, 3>, 3> products{};  ///< a and b <= a
};

CLIPPATH_FOR_EACH_PROCESSOR void add_block(const DensityBlock& x, Moments& moments) {
  Moments m = moments;
  for (std::size_t i = 0; i < x.filled; i += kLanes) {
    const std::array<Lanes, 3> v{load_lanes(&x.channels[0][i]), load_lanes(&x.channels[1][i]),
                                 load_lanes(&x.channels[2][i])};
    for (std::size_t a = 0; a < 3; ++a) {
      m.sums[a] += v[a];
      for (std::size_t b = 0; b <= a; ++b) m.products[a][b] += v[a] * v[b];
    }
  }
  moments = m;
}

cv::Matx33d covariance_of(std::span<const std::uint8_t> rgb) {
  DensityBlock block;
  Moments m;
  for_each_block(rgb, [&](std::span<const std::uint8_t> pixels) {
    read_densities(pixels, block);
    add_block(block, m);
  });
  const auto n = static_cast<double>(rgb.size() / 3);
  cv::Matx33d covariance;
  for (std::size_t a = 0; a < 3; ++a) {
    for (std::size_t b = 0; b <= a; ++b) {
      const double value =
          sum_of(m.products[a][b]) / n - (sum_of(m.sums[a]) / n) * (sum_of(m.sums[b]) / n);
      covariance(static_cast<int>(a), static_cast<int>(b)) = value;
      covariance(static_cast<int>(b), static_cast<int>(a)) = value;
    }
  }
  return covariance;
}

/// The eigenvectors of the two largest eigenvalues, each with a first component that is not
/// negative.
StainMatrix main_plane(std::span<const std::uint8_t> rgb) {
  cv::Mat values;
  cv::Mat vectors;
  cv::eigen(cv::Mat(covariance_of(rgb)), values, vectors);  // largest first, a vector a row
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
  const Lanes length = absolute(x) + absolute(y) + all_lanes(1e-300);
  const Lanes share = y / length;
  const Lanes two = y < zero ? all_lanes(-2) : all_lanes(2);
  return x < zero ? two - share : share;
}

double angle_of_turn(double turn) {
  if (std::abs(turn) <= 1) return std::atan2(turn, 1 - std::abs(turn));
  const double share = std::copysign(2.0, turn) - turn;
  return std::atan2(share, std::abs(share) - 1);
}

CLIPPATH_FOR_EACH_PROCESSOR void turns_of_block(PairBlock& along,
                                                std::array<double, kBlockPixels>& turns) {
  for (std::size_t i = 0; i < kBlockPixels; i += kLanes) {
    store_lanes(turn_of(load_lanes(&along[1][i]), load_lanes(&along[0][i])), &turns[i]);
  }
}

/// Gives the turns of all pixels within the plane, block after block.
template <class Take>
void for_each_turn(std::span<const std::uint8_t> rgb, const DensityProducts& plane,
                   const Take& take) {
  PairBlock along{};
  std::array<double, kBlockPixels> turns;
  for_each_block(rgb, [&](std::span<const std::uint8_t> pixels) {
    plane(pixels, along);
    turns_of_block(along, turns);
    take(std::span<const double>(turns).first(pixels.size() / 3));
  });
}

StainVector unit_at(const StainMatrix& plane, double turn) {
  const double angle = angle_of_turn(turn);
  StainVector stain{};
  for (std::size_t c = 0; c < 3; ++c) {
    stain[c] = plane[0][c] * std::cos(angle) + plane[1][c] * std::sin(angle);
  }
  return unit(stain);
}

}  // namespace

StainMatrix macenko_matrix(std::span<const std::uint8_t> tissue) {
  const StainMatrix plane = main_plane(tissue);
  const DensityProducts along(plane);
  std::vector<double> sample;
  for_each_turn(sample_pixels(tissue, kRankSample), along, [&](std::span<const double> turns) {
    sample.insert(sample.end(), turns.begin(), turns.end());
  });
  std::array samples{sample, sample};
  const auto [low_turn, high_turn] =
      two_percentiles({kLowPercentile, kHighPercentile}, samples, [&](auto& tails) {
        for_each_turn(tissue, along, [&](std::span<const double> turns) {
          for (TailPercentile& tail : tails) tail.add(turns);
        });
      });
  const StainVector low = unit_at(plane, low_turn);
  const StainVector high = unit_at(plane, high_turn);
  return low[0] > high[0] ? StainMatrix{low, high} : StainMatrix{high, low};
}

}  // namespace clippath
