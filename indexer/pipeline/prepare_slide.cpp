// SPDX-License-Identifier: Apache-2.0
#include "indexer/pipeline/prepare_slide.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace clippath {
namespace {

constexpr std::string_view kScaleUnknown = "scale_unknown";

std::optional<SlideScale> settle_scale(const SlideInfo& info, const SlideInput& input,
                                       const MissingMpp& missing) {
  if (input.mpp) {
    // One number cannot say that pixels are not square; the file can.
    return SlideScale{*input.mpp, MppSource::kManifest, info.scale ? info.scale->axis_ratio : 1};
  }
  if (info.scale) return info.scale;
  if (missing.policy == MissingMpp::Policy::kDefault) {
    return SlideScale{missing.assumed, MppSource::kAssumed};
  }
  return std::nullopt;
}

bool needs_scale(const IndexOptions& options) {
  return std::any_of(options.fields.begin(), options.fields.end(), [](const FieldOfView& field) {
    return field.unit == FieldOfView::Unit::kMicrons;
  });
}

std::string pixels_text(const Level0Rect& bounds) {
  return std::to_string(bounds.width) + " x " + std::to_string(bounds.height) + " px";
}

Corner centre_of(const Level0Rect& tile) {
  return {static_cast<double>(tile.x) + static_cast<double>(tile.width) / 2,
          static_cast<double>(tile.y) + static_cast<double>(tile.height) / 2};
}

}  // namespace

Result<PreparedSlide> prepare_slide(const SlideInput& input, const IndexOptions& options,
                                    int encoder_px, const SlideOpener& open) {
  if (!input.fault.empty()) return fail(ErrorKind::kInvalidArgument, input.fault);
  PreparedSlide slide;
  CLIPPATH_TRY(slide.reader, open(input.path));
  const SlideInfo& info = slide.reader->info();
  slide.scale = settle_scale(info, input, options.missing_mpp);
  slide.warnings = find_damaged_levels(*slide.reader);
  slide.warnings.insert(slide.warnings.end(), info.warnings.begin(), info.warnings.end());
  if (input.mpp) {
    if (const auto doubt = doubt_of(*input.mpp, info.objective)) slide.warnings.push_back(*doubt);
  }
  if (!slide.scale && needs_scale(options)) return fail(missing_scale(slide.warnings));
  for (const FieldOfView& field : options.fields) {
    CLIPPATH_TRY(TileGrid grid, make_tile_grid(info, slide.scale ? &*slide.scale : nullptr, field,
                                               options.overlap, encoder_px, options.tiles));
    const bool twice = std::any_of(slide.grids.begin(), slide.grids.end(), [&](const TileGrid& g) {
      return g.level0_extent == grid.level0_extent;
    });
    if (twice) {
      return fail(ErrorKind::kInvalidArgument, "two fields of view are the same " +
                                                   std::to_string(grid.level0_extent) +
                                                   " level-0 px on this slide");
    }
    slide.grids.push_back(std::move(grid));
  }
  if (!input.roi.empty()) {
    CLIPPATH_TRY(slide.regions, read_regions(input.roi, options.regions));
  }
  return slide;
}

TileSieve::TileSieve(const PreparedSlide& slide, const TissueMask& mask) : mask_(mask) {
  if (slide.regions) scan_.emplace(*slide.regions);
}

std::optional<DropReason> TileSieve::drop_reason(const Level0Rect& tile) {
  if (scan_) {
    switch (scan_->place_of(centre_of(tile))) {
      case RegionPlace::kInside: break;
      case RegionPlace::kOutside: return DropReason::kOutsideRegions;
      case RegionPlace::kExcluded: return DropReason::kExcluded;
    }
  }
  if (!mask_.keeps(tile)) return DropReason::kBackground;
  return std::nullopt;
}

Error missing_scale(const std::vector<std::string>& notes) {
  std::string message = "the slide states no usable microns per pixel";
  for (const std::string& note : notes) message += "; " + note;
  message += "; give it in the column mpp, or use --missing-mpp default=V";
  return Error{ErrorKind::kFailedPrecondition, message, "mpp", "0.05..20",
               std::string(kScaleUnknown)};
}

bool is_missing_scale(const Error& error) { return error.code == kScaleUnknown; }

int encoder_px_of(const EncoderList& encoders) {
  int longest = 0;
  for (const Encoder* encoder : encoders) {
    longest = std::max({longest, encoder->info().input_width, encoder->info().input_height});
  }
  return longest;
}

int picture_px_of(const EncoderList& encoders) { return patch_picture_px(encoder_px_of(encoders)); }

std::string too_small(const PreparedSlide& slide) {
  std::int64_t smallest = slide.grids.front().level0_extent;
  for (const TileGrid& grid : slide.grids) smallest = std::min(smallest, grid.level0_extent);
  return "smaller than one field of view: the slide is " +
         pixels_text(slide.reader->info().bounds) + ", a field has " + std::to_string(smallest) +
         " px a side";
}

std::string to_text(FieldOfView field) {
  std::array<char, 32> number{};
  const auto end = std::to_chars(number.data(), number.data() + number.size(), field.value).ptr;
  return std::string(number.data(), end) +
         (field.unit == FieldOfView::Unit::kMicrons ? " um" : " level-0 px");
}

}  // namespace clippath
