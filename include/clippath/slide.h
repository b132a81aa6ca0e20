// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clippath/core/geometry.h"
#include "clippath/core/image.h"
#include "clippath/core/result.h"

namespace clippath {

/// Where the microns per pixel of a slide come from, best first. Do not change the values: on disk.
enum class MppSource {
  kManifest = 1,
  kSlideTag = 2,
  kVendorTag = 3,
  kTiffResolution = 4,
  kObjective = 5,
  kAssumed = 6
};

/// `manifest`, `slide_tag`, `vendor_tag`, `tiff_resolution`, `objective`, `assumed`.
constexpr std::string_view to_string(MppSource source) {
  switch (source) {
    case MppSource::kManifest: return "manifest";
    case MppSource::kSlideTag: return "slide_tag";
    case MppSource::kVendorTag: return "vendor_tag";
    case MppSource::kTiffResolution: return "tiff_resolution";
    case MppSource::kObjective: return "objective";
    case MppSource::kAssumed: return "assumed";
  }
  return "assumed";
}

/// Physical pixel size at level 0, with its source.
struct SlideScale {
  MicronsPerPixel mpp;  ///< in [0.05, 20]; the mean of both axes
  MppSource source = MppSource::kSlideTag;
  /// mpp-y / mpp-x, in [0.5, 2]: 1 unless they differ by more than 2 %. Known while a slide is
  /// indexed, not stored with it: the rectangles of its patches are what it leads to.
  double axis_ratio = 1;

  [[nodiscard]] double mpp_x() const { return 2 * mpp.value / (1 + axis_ratio); }
  [[nodiscard]] double mpp_y() const { return axis_ratio * mpp_x(); }
};

/// A magnification is nominal: a scale may lie so many octaves from 10 um / magnification.
inline constexpr double kNominalOctaves = 0.35;

/// What speaks against a scale: an objective of another magnification than 10 / mpp, by more than
/// kNominalOctaves. Nothing where none is stated.
std::optional<std::string> doubt_of(MicronsPerPixel mpp, std::optional<double> objective);

struct SlideLevel {
  PixelSize size;
  double downsample =
      1;  ///< mean of both axes of size(level 0) / size(level); not an exact power (3.998 occurs)
};

/// What a slide file says about itself. Label and macro pictures, descriptions and dates are never
/// read (they may name a patient).
struct SlideInfo {
  std::string vendor;  ///< OpenSlide's word: "aperio", "generic-tiff", ...
  Level0Rect bounds;   ///< the part that holds tissue: the scanner's bounds where given, else the
                       ///< whole level 0
  std::vector<SlideLevel> levels;   ///< finest first, never empty
  std::optional<SlideScale> scale;  ///< by the rules 2..5 of the mpp policy; empty when none yields
                                    ///< a value in [0.05, 20] um
  std::optional<double> objective;  ///< stated magnification: 20, 40
  std::vector<std::string> warnings;  ///< mpp and objective disagree, the axes differ, ...
};

/// Longest side of one read, in px of its level.
inline constexpr std::int64_t kMostReadSide = 8192;

/// Reads pixels of one slide file.
///
/// Errors do not stick: after a failed read the file is opened again, and other regions stay
/// readable. Label and macro are out of reach. Thread-safe.
class SlideReader {
 public:
  virtual ~SlideReader() = default;

  [[nodiscard]] virtual const SlideInfo& info() const = 0;

  /// Reads `size` pixels of `level`, from `origin` (level-0 frame) on; on a coarser level from the
  /// nearest of its pixels, where that has a whole level-0 coordinate. Transparent pixels become
  /// the slide's background colour, else white. Outside of the slide is background. Fails:
  /// kInvalidArgument for a level that does not exist or a side outside 1..kMostReadSide;
  /// kCorruption if the file cannot be decoded there.
  [[nodiscard]] virtual Result<RgbImage> read(Level0Point origin, int level,
                                              PixelSize size) const = 0;
};

/// Opens a slide file. Fails: kNotFound; kUnsupported for a format that is none; kCorruption if it
/// is damaged, or its tags are absurd.
using SlideOpener =
    std::function<Result<std::shared_ptr<const SlideReader>>(const std::filesystem::path&)>;

/// Decodes a small piece in the middle of every level: tells damage that no header shows, such as a
/// file that was cut short. One line for each level that cannot be decoded there.
std::vector<std::string> find_damaged_levels(const SlideReader& slide);

/// Reads `size` pixels of a level from `origin` (level-0 frame) on as means over boxes of
/// `factor` x `factor` pixels, block by block, so that the memory is that of the result: a slide
/// without small levels has thumbnails too. The result is `ceil(size / factor)`. Fails:
/// kInvalidArgument for a level that does not exist; kCorruption.
Result<RgbImage> read_reduced(const SlideReader& slide, Level0Point origin, int level,
                              PixelSize size, int factor);

/// Reads a level-0 rectangle as a picture of about `target_px` on its longer side, from the
/// cheapest level that is not coarser, then resampled (bilinear, antialiased) to exactly that size.
/// Never enlarges: the picture is smaller where level 0 is. Fails as SlideReader::read.
Result<RgbImage> read_region(const SlideReader& slide, const Level0Rect& rect, int target_px);

}  // namespace clippath
