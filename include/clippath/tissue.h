// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "clippath/core/geometry.h"
#include "clippath/core/image.h"
#include "clippath/core/result.h"
#include "clippath/slide.h"

namespace clippath {

/// Why a tile was left out. One tile has one reason, the first that applies. Do not change the
/// values: on disk.
enum class DropReason {
  kBackground = 1,
  kWhite = 2,
  kReadError = 3,
  kAttention = 16,
  kOutsideRegions = 24,  ///< its centre lies in none of the regions to be indexed
  kExcluded = 25         ///< its centre lies in an excluded one
};

/// `background`, `white`, `read_error`, `attention`, `outside_roi`, `excluded`.
std::string_view to_string(DropReason reason);

/// The `clippath225` rule: Otsu on a thumbnail, then the share of white pixels of the tile itself.
struct TissueRule {
  int white_threshold = 225;  ///< a pixel is white when gray > this (the seed report's value)
  double min_tissue = 0.5;    ///< least share of tissue in the tile's part of the slide mask
  double max_white = 0.5;     ///< largest share of white pixels in the tile
};

/// Gray as Pillow's mode "L": (19595 R + 38470 G + 7471 B + 32768) >> 16. OpenCV rounds
/// differently.
std::uint8_t gray_of(std::uint8_t red, std::uint8_t green, std::uint8_t blue);

/// Otsu's threshold of a 256-bin histogram: the smallest t that maximises w0 * w1 * (mu0 - mu1)^2
/// over the classes {<= t} and {> t}. Empty when fewer than two bins are filled. (Otsu, IEEE Trans.
/// SMC 9(1), 1979.)
std::optional<int> otsu_threshold(const std::vector<std::int64_t>& histogram);

/// Share of pixels with gray > threshold, in [0, 1].
double white_fraction(const RgbImage& tile, int threshold);

/// Which parts of a slide hold tissue, from a thumbnail near 8 um a pixel (at most 4096 px a side).
/// Immutable: share freely.
class TissueMask {
 public:
  /// tissue = gray <= clip(Otsu, white_threshold - 25, white_threshold). A thumbnail of one single
  /// gray is all background if it is above the threshold, else all tissue.
  static TissueMask from_thumbnail(const RgbImage& thumbnail, const Level0Rect& covered,
                                   const TissueRule& rule);

  /// Share of tissue within a level-0 rectangle, in [0, 1]; beyond the slide is none.
  [[nodiscard]] double tissue_fraction(const Level0Rect& rect) const;
  [[nodiscard]] int threshold() const { return threshold_; }

 private:
  Level0Rect covered_;
  int width_ = 0;
  int height_ = 0;
  int threshold_ = 0;
  std::vector<std::int64_t> integral_;  ///< `[height + 1, width + 1]` summed-area table of the mask
};

/// Reads the thumbnail of a slide and makes its mask. Fails as SlideReader::read.
Result<TissueMask> make_tissue_mask(const SlideReader& slide,
                                    const std::optional<SlideScale>& scale, const TissueRule& rule);

}  // namespace clippath
