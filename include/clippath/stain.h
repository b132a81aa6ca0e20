// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clippath/core/image.h"
#include "clippath/core/result.h"

namespace clippath {

/// How colours are brought to those of a reference.
enum class StainMethod {
  kReinhard,  ///< mean and spread of each LAB channel (Reinhard 2001)
  kMacenko,   ///< stains from the angles of optical densities (Macenko 2009)
  kVahadane   ///< stains from a sparse non-negative factorisation (Vahadane 2016)
};

inline constexpr std::array kStainMethods = {StainMethod::kReinhard, StainMethod::kMacenko,
                                             StainMethod::kVahadane};

/// `reinhard`, `macenko`, `vahadane`.
std::string_view to_string(StainMethod method);
/// Fails: kInvalidArgument naming the three.
Result<StainMethod> parse_stain_method(std::string_view text);

/// Colours of the two stains as optical densities: rows haematoxylin and eosin, columns red, green,
/// blue; each row of length 1; Vahadane's are not negative.
using StainMatrix = std::array<std::array<double, 3>, 2>;

/// Amounts of haematoxylin and eosin in a pixel; not negative.
using StainAmounts = std::array<double, 2>;

/// The colours of one picture, slide or cohort, as one method sees them.
struct StainProfile {
  StainMethod method = StainMethod::kVahadane;
  // Macenko and Vahadane.
  StainMatrix matrix{};
  StainAmounts max_concentrations{};  ///< 99th percentile over all pixels
  double objective = 0;               ///< Vahadane: of the sample, see fit_stain
  std::int64_t pixels = 0;            ///< of tissue, in the pictures of a fit or in its samples
  int iterations = 0;
  // Reinhard: L in 0..100, a and b in -128..127.
  std::array<double, 3> lab_mean{};
  std::array<double, 3> lab_deviation{};  ///< of the population
  friend bool operator==(const StainProfile&, const StainProfile&) = default;
};

/// Least share of tissue (8-bit L under 204) in the pictures that a fit accepts.
inline constexpr double kLeastStainTissue = 0.05;

/// Least share of that tissue whose green is darker than red and blue by more than five levels, as
/// haematoxylin and eosin make it. Of 2,467 patches of 87 slides two have less; tiles of
/// immunohistochemistry have up to .07. What two stains of its own leave unexplained does not tell
/// such a picture apart.
inline constexpr double kLeastMagenta = 0.2;

/// Fits a profile to the pixels of all pictures together. Deterministic: the same bytes on every
/// run.
///
/// Optical density is max(-ln(I / 255), 1e-6), 0 counts as 1; matrices are fitted to tissue alone,
/// concentrations and Reinhard's statistics to all pixels.
/// Vahadane minimises (1/n) sum(1/2 |x - a M|^2 + 0.1 (a1 + a2)) over M >= 0, |row| <= 1, a >= 0 on
/// at most 20,000 pixels, by exact coefficients and projected updates of M.
/// Fails: kFailedPrecondition with less tissue than kLeastStainTissue or less of the colour than
/// kLeastMagenta, or where the two stains cannot be told apart (angle under 3 or over 60 degrees,
/// or next to nothing of one of them).
Result<StainProfile> fit_stain(std::span<const RgbImage> pictures, StainMethod method);

/// More tiles than these say nothing new about the stains of a slide.
inline constexpr std::size_t kMostStainSamples = 256;

/// What one tile says about the stains of its slide.
struct StainSample {
  StainProfile profile;  ///< of `pixels`
  RgbImage pixels;       ///< up to 20,000 of the tile, in one row
};

/// Fails: as fit_stain; such a tile is left out.
Result<StainSample> sample_stain(const RgbImage& tile, StainMethod method);

/// One profile for all tiles of a slide: the element-wise median of the matrices of its samples,
/// and the concentrations of their pixels together. No tile changes the colours of the others by
/// much, and one that is nearly all one stain is no problem.
/// @param samples  of one method.
/// Fails: kFailedPrecondition without a sample.
Result<StainProfile> slide_stain(std::vector<StainSample> samples);

/// A profile with a given matrix, and the concentrations of these pictures.
StainProfile measure_stain(std::span<const RgbImage> pictures, StainMethod method,
                           const StainMatrix& matrix);

/// The picture as the stains of `target` would have coloured it. Macenko and Vahadane:
/// 255 exp(-C M_target), C by the non-negative lasso with lambda 0.01, scaled by the ratio of the
/// 99th percentiles; truncated to 8 bits.
/// Requires: both profiles of one method.
RgbImage apply_stain(const RgbImage& picture, const StainProfile& source,
                     const StainProfile& target);

/// The picture in the colours of `target`, by the stains of `source` (of its slide), or, where that
/// is null, by its own.
/// Fails: kFailedPrecondition with too little tissue, or of another colour, as fit_stain; and as
/// that where its own stains cannot be found. Of the stains of its slide it may have one only.
Result<RgbImage> normalise_stain(const RgbImage& picture, const StainProfile& target,
                                 const StainProfile* source);

/// Whose stains a picture of an index is normalised by: its own, or those of all its slide.
enum class StainScope { kPatch, kSlide };

/// `patch`, `slide`.
std::string_view to_string(StainScope scope);
/// Fails: kInvalidArgument naming the two.
Result<StainScope> parse_stain_scope(std::string_view text);

/// How all pictures of an index are brought to one staining.
struct StainRule {
  StainScope scope = StainScope::kSlide;
  StainProfile target;  ///< says the method, too
  friend bool operator==(const StainRule&, const StainRule&) = default;
};

/// What a tile is worth as a reference picture (the seed report's four criteria, measured).
struct ReferenceCriteria {
  double white = 0;    ///< share of pixels that are no tissue
  double variety = 0;  ///< standard deviation of the nuclear density over 8 x 8 parts: high
                       ///< where glands lie beside stroma
  std::array<double, 3> lab{};  ///< mean colour of the tissue; L in 0..100, a and b in -128..127
  double nuclei = 0;            ///< nuclear density: share of the tissue's pixels
};

/// What pictures are brought to where no reference is given: the 200 bundled patches of many
/// laboratories together (demo/patches), as `clippath stain fit` makes it of them.
StainProfile default_stain_target(StainMethod method);

/// One JSON object with the fields of the method.
std::string to_json_text(const StainProfile& profile);
/// Fails: kInvalidArgument naming the field, also where no fit ends so: see fit_stain.
Result<StainProfile> parse_stain_profile(std::string_view json);

}  // namespace clippath
