// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "clippath/core/geometry.h"
#include "clippath/core/image.h"
#include "clippath/core/result.h"
#include "clippath/slide.h"

namespace clippath {

/// Why a tile was left out. One tile has one reason, the first that applies in the order of
/// kDropReasons. Do not change the values: on disk.
enum class DropReason {
  kBackground = 1,
  kWhite = 2,
  kReadError = 3,
  kBlank = 4,
  kBlack = 5,
  kPenRed = 6,
  kPenGreen = 7,
  kBlur = 8,
  kAttention = 16,
  kOutsideRegions = 24,  ///< its centre lies in none of the regions to be indexed
  kExcluded = 25         ///< its centre lies in an excluded one
};

/// In the order in which a tile is judged.
inline constexpr std::array kDropReasons = {
    DropReason::kOutsideRegions, DropReason::kExcluded, DropReason::kBackground,
    DropReason::kReadError,      DropReason::kWhite,    DropReason::kBlank,
    DropReason::kBlack,          DropReason::kPenRed,   DropReason::kPenGreen,
    DropReason::kBlur,           DropReason::kAttention};

/// `outside_roi`, `excluded`, `background`, `read_error`, `white`, `blank`, `black`, `pen_red`,
/// `pen_green`, `blur`, `attention`.
std::string_view to_string(DropReason reason);

/// How tissue is told from glass (docs/tissue.md judges them).
enum class TissuePreset {
  kClippath225,  ///< Otsu's threshold of the slide's thumbnail, within 25 of the white threshold
  kSeed,         ///< Otsu's threshold of every tile for itself; no mask of the slide
  kClam,         ///< saturation, contours, four points (Lu et al., Nat. Biomed. Eng. 5, 2021)
  kClamTcga,
  kClamBiopsy,
  kClamResection,
  kPale  ///< contrast with the glass and fine detail: keeps pale and fatty tissue
};

/// All presets, in the order in which users see them.
inline constexpr std::array kTissuePresets = {
    TissuePreset::kClippath225, TissuePreset::kSeed,       TissuePreset::kClam,
    TissuePreset::kClamTcga,    TissuePreset::kClamBiopsy, TissuePreset::kClamResection,
    TissuePreset::kPale};

/// True for the four of CLAM, which differ in their numbers only.
constexpr bool is_clam(TissuePreset preset) {
  return preset == TissuePreset::kClam || preset == TissuePreset::kClamTcga ||
         preset == TissuePreset::kClamBiopsy || preset == TissuePreset::kClamResection;
}

/// `clippath225`, `seed`, `clam`, `clam-tcga`, `clam-biopsy`, `clam-resection`, `pale`.
std::string_view to_string(TissuePreset preset);
/// Fails: kInvalidArgument, naming the presets.
Result<TissuePreset> parse_tissue_preset(std::string_view text);

/// A preset with its thresholds.
struct TissueRule {
  TissuePreset preset = TissuePreset::kClippath225;
  int white_threshold = 225;  ///< a pixel is white when gray > this (the seed report's value)
  double min_tissue = 0.5;    ///< least share of tissue of a tile
  double max_white = 0.5;     ///< largest share of white pixels in the tile
};

/// The preset with its own thresholds: those of `clam` are 0 and 1, since four points decide there;
/// `pale` has a `max_white` of 1, since most of a fat cell is white.
TissueRule tissue_rule(TissuePreset preset);

/// Gray as Pillow's mode "L": (19595 R + 38470 G + 7471 B + 32768) >> 16. OpenCV rounds
/// differently.
std::uint8_t gray_of(std::uint8_t red, std::uint8_t green, std::uint8_t blue);

/// Otsu's threshold of a 256-bin histogram: the smallest t that maximises w0 * w1 * (mu0 - mu1)^2
/// over the classes {<= t} and {> t}. Empty when fewer than two bins are filled. (Otsu, IEEE Trans.
/// SMC 9(1), 1979.)
std::optional<int> otsu_threshold(const std::vector<std::int64_t>& histogram);

/// Share of pixels with gray > threshold, in [0, 1].
double white_fraction(const RgbImage& tile, int threshold);

/// A slide in few pixels, at most 4096 a side. What cannot be read is black.
struct Thumbnail {
  RgbImage picture;
  Level0Rect covered;  ///< what it shows, a fraction of a pixel beyond the slide's bounds included
};

/// Scale of the thumbnails that masks are made from, in um a pixel.
inline constexpr double kMaskMpp = 8;

/// Reads a thumbnail near `mpp` um a pixel. Fails as SlideReader::read, if no part can be read.
Result<Thumbnail> read_thumbnail(const SlideReader& slide, const std::optional<SlideScale>& scale,
                                 double mpp = kMaskMpp);

/// The same of a whole level, pixel by pixel where it has at most 4096 a side.
Result<Thumbnail> read_level_thumbnail(const SlideReader& slide, int level);

/// Which parts of a slide hold tissue, by the preset of a rule. Immutable: share freely.
class TissueMask {
 public:
  TissueMask(const Thumbnail& thumbnail, const TissueRule& rule);

  /// Share of tissue within a level-0 rectangle, in [0, 1]; beyond the slide is none.
  [[nodiscard]] double tissue_fraction(const Level0Rect& rect) const;
  /// False for a tile that is background by the mask alone. Of `clam` one of the four points half
  /// way from the centre to the corners has to lie within an outline, and the centre in no hole.
  [[nodiscard]] bool keeps(const Level0Rect& tile) const;

  [[nodiscard]] bool is_tissue(Level0Point point) const { return at(point) == kTissue; }

 private:
  static constexpr std::uint8_t kTissue = 1;
  static constexpr std::uint8_t kHole = 2;

  [[nodiscard]] std::uint8_t at(Level0Point point) const;

  TissueRule rule_;
  Level0Rect covered_;
  int width_ = 0;
  int height_ = 0;
  std::vector<std::uint8_t> pixels_;    ///< `[height, width]` 0, kTissue or kHole
  std::vector<std::int64_t> integral_;  ///< `[height + 1, width + 1]` summed-area table of tissue
};

/// Reads the thumbnail of a slide and makes its mask. Fails: as read_thumbnail.
Result<TissueMask> make_tissue_mask(const SlideReader& slide,
                                    const std::optional<SlideScale>& scale, const TissueRule& rule);

/// What the pixels of a tile say, at the resolution in which they were read.
struct TileTissue {
  std::optional<DropReason> dropped;
  double tissue_fraction = 0;  ///< the mask's, for `seed` the tile's own
  double white_fraction = 0;
};
TileTissue judge_tile(const RgbImage& tile, double mask_fraction, const TissueRule& rule);

/// False for a patch picture (at most 299 px) that a preset takes for background by its look.
/// `pale`: of 8 x 8 cells at least `min_tissue` have to be tissue: a tenth of their pixels darker
/// than the glass by 20 grays, or coloured, without being ink, and a mean difference of neighbours
/// of 2 grays. True for all other presets.
bool looks_like_tissue(const RgbImage& picture, const TissueRule& rule);

}  // namespace clippath
