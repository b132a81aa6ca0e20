// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "clippath/stain.h"
#include "indexer/stain/lanes.h"
#include "indexer/stain/optical_density.h"

namespace clippath {

inline constexpr double kConcentrationLambda = 0.01;
/// A 99th percentile under this is no stain.
inline constexpr double kLeastConcentration = 0.1;

/// argmin over a >= 0 of 1/2 |x - a M|^2 + lambda (a1 + a2), in closed form for two stains. Where
/// the free minimum has one negative part, the way to it from any point of that part's other axis
/// leads downhill within a >= 0, so the minimum lies where that part is 0. Where both are negative,
/// at most one axis has a minimum but the origin. Same minimiser as any exact non-negative lasso.
class TwoStainLasso {
 public:
  /// @param matrix  rows that are not opposite to each other.
  TwoStainLasso(const StainMatrix& matrix, double lambda);

  /// @param x  densities of red, green, blue of four pixels.
  [[nodiscard]] CLIPPATH_INLINE_LANES std::array<Lanes, 2> solve(
      const std::array<Lanes, 3>& x) const {
    return solve_products(m_[0][0] * x[0] + m_[0][1] * x[1] + m_[0][2] * x[2],
                          m_[1][0] * x[0] + m_[1][1] * x[1] + m_[1][2] * x[2]);
  }

  /// @param first, second  products of the densities of four pixels with the rows of M.
  [[nodiscard]] CLIPPATH_INLINE_LANES std::array<Lanes, 2> solve_products(Lanes first,
                                                                          Lanes second) const {
    const Lanes b1 = first - lambda_;
    const Lanes b2 = second - lambda_;
    const Lanes free1 = i11_ * b1 + i12_ * b2;
    const Lanes free2 = i12_ * b1 + i22_ * b2;
    const Lanes zero = all_lanes(0);
    return {positive_part(free2 < zero ? r11_ * b1 : free1),
            positive_part(free1 < zero ? r22_ * b2 : free2)};
  }

 private:
  std::array<std::array<Lanes, 3>, 2> m_{};
  Lanes lambda_;
  Lanes r11_{}, r22_{};          ///< one over the diagonal of M M^T
  Lanes i11_{}, i12_{}, i22_{};  ///< the inverse of M M^T
};

/// Amounts of both stains in every pixel, a block at a time.
class StainAmountsOfPixels {
 public:
  StainAmountsOfPixels(const StainMatrix& matrix, double lambda)
      : products_(matrix), lasso_(matrix, lambda) {}

  /// @param rgb  `[n, 3]`, n at most kBlockPixels; what lies beyond in `amounts` has no meaning.
  void operator()(std::span<const std::uint8_t> rgb, PairBlock& amounts) const;

 private:
  DensityProducts products_;
  TwoStainLasso lasso_;
};

/// The 99th percentiles of the amounts in all pixels of the pictures together; 0 without a pixel.
StainAmounts max_concentrations_of(std::span<const RgbImage> pictures, const StainMatrix& matrix);

}  // namespace clippath
