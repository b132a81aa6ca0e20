// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "clippath/core/geometry.h"
#include "clippath/core/image.h"
#include "clippath/tissue.h"

namespace clippath {

/// A tile of a slide's grid and what became of it.
struct JudgedTile {
  Level0Rect rect;
  std::optional<DropReason> dropped;  ///< nothing: kept
};

/// Draws a thumbnail with the outline of the mask, every tile in the colour of its reason, and a
/// legend with counts. Kept tiles and background keep their picture: a frame, and a veil. The
/// longer side of the slide has 1200 px; parts of the mask below some 9 px have no outline.
/// @param title  one line of ASCII above the picture.
RgbImage draw_tissue_overlay(const Thumbnail& thumbnail, const TissueMask& mask,
                             const std::vector<JudgedTile>& tiles, const std::string& title);

}  // namespace clippath
