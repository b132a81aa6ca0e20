// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "clippath/core/geometry.h"

namespace clippath {

/// What QuPath makes of a rectangle: an annotation is listed and can be edited; a tile belongs to a
/// grid, of which there may be a hundred thousand.
enum class GeoObject { kAnnotation, kTile };

/// A rectangle of one slide as QuPath shows it.
struct GeoFeature {
  std::string name;  ///< its UUID is made of it: the same name is the same object
  GeoObject object = GeoObject::kAnnotation;
  Level0Rect rect;
  std::string classification;           ///< empty: none
  std::array<std::uint8_t, 3> color{};  ///< of the classification: red, green, blue
  std::vector<std::pair<std::string, double>> measurements;   ///< finite
  std::vector<std::pair<std::string, std::string>> metadata;  ///< e.g. slide_id; empty: left out
};

/// A GeoJSON FeatureCollection as QuPath 0.4 and later read it (measurements as an object, ids as
/// UUIDs, metadata of text): closed rings in the level-0 frame, y down. One line, with its line
/// break.
std::string to_geojson(const std::vector<GeoFeature>& features);

}  // namespace clippath
