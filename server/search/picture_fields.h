// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "clippath/core/geometry.h"
#include "clippath/core/image.h"

namespace clippath {

/// A picture up to a tenth larger or smaller than a field counts as one field: people crop by eye.
inline constexpr double kFieldTolerance = 0.1;

/// At most this many fields cover a query picture; a larger one is covered with less overlap, a
/// huge one by samples.
inline constexpr int kMaxPictureFields = 64;

/// A query picture as the index would have seen it.
struct PictureFields {
  std::vector<RgbImage> fields;  ///< square patch pictures, at most picture_px a side; never empty
  std::vector<std::string>
      warnings;  ///< "scale_unknown", "covered_by_fields", "smaller_than_field", "partly_covered"
};

/// Covers a picture by square fields of view, half overlapping, so that nothing of it is cropped
/// away.
///
/// A field has the side extent_um / mpp in the picture's pixels, but not more than the picture's
/// shorter side: a smaller picture is one field, with the warning "smaller_than_field" when it
/// shows less than 90 % of the field. Without mpp (or extent_um 0) the field is as large as the
/// shorter side, with the warning "scale_unknown".
/// @param picture_px  longest side of the index's patch pictures.
PictureFields cover_picture(const RgbImage& picture, const std::optional<MicronsPerPixel>& mpp,
                            double extent_um, int picture_px);

}  // namespace clippath
