// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include "clippath/core/files.h"
#include "clippath/regions.h"
#include "core/json/json.h"

namespace clippath {
namespace {

constexpr std::uintmax_t kMaxBytes = std::uintmax_t{64} << 20U;
// Coordinates that any scanner stays under; outlines may begin beyond the slide's edge.
constexpr double kMostCoordinate = 2147483648.0;
constexpr std::size_t kLeastPositions = 4;

/// A member of a JSON object; null where there is none. GeoJSON lets anyone add members of their
/// own, so what is not asked for is passed over.
const Json& member(const Json& object, const char* key) {
  static const Json kNone;
  if (!object.is_object()) return kNone;
  const auto found = object.find(key);
  return found == object.end() ? kNone : *found;
}

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : std::string();
}

tl::unexpected<Error> malformed(std::string message) {
  return fail(ErrorKind::kInvalidArgument, std::move(message));
}

/// `Tumor`; `Tumor: Positive` where newer exports give a list of names.
std::string class_of(const Json& feature) {
  const Json& classification = member(member(feature, "properties"), "classification");
  if (classification.is_string()) return text_of(classification);
  std::string name = text_of(member(classification, "name"));
  if (!name.empty()) return name;
  const Json& names = member(classification, "names");
  if (!names.is_array()) return {};
  for (const Json& part : names) name += (name.empty() ? "" : ": ") + text_of(part);
  return name;
}

/// What no program says to be something else is an annotation.
bool is_annotation(const Json& feature) {
  for (const char* key : {"objectType", "object_type"}) {
    const std::string type = text_of(member(member(feature, "properties"), key));
    if (!type.empty()) return type == "annotation";
  }
  // QuPath 0.2 has the type in the id.
  const std::string id = text_of(member(feature, "id"));
  return !(id.starts_with("Path") && id.ends_with("Object")) || id == "PathAnnotationObject";
}

/// QuPath writes a measurement that has no value as NaN, which JSON does not know.
std::string nan_as_null(std::string_view text) {
  std::string json;
  json.reserve(text.size());
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = text.substr(i);
    if (!in_string) {
      for (const std::string_view word : {"NaN", "-Infinity", "Infinity"}) {
        if (!rest.starts_with(word)) continue;
        json += "null";
        i += word.size();
        break;
      }
      if (i == text.size()) break;
    }
    if (text[i] == '"') in_string = !in_string;
    json += text[i];
    if (in_string && text[i] == '\\' && i + 1 < text.size()) json += text[++i];
  }
  return json;
}

Result<Corner> read_corner(const Json& position) {
  if (!position.is_array() || position.size() < 2 || !position[0].is_number() ||
      !position[1].is_number()) {
    return malformed("a position is not two numbers");
  }
  const Corner corner{position[0].get<double>(), position[1].get<double>()};
  if (!(std::abs(corner.x) <= kMostCoordinate) || !(std::abs(corner.y) <= kMostCoordinate)) {
    return malformed("a coordinate is beyond 2147483648 level-0 px");
  }
  return corner;
}

Result<Ring> read_ring(const Json& positions, std::size_t& corners) {
  if (!positions.is_array() || positions.size() < kLeastPositions) {
    return malformed("has fewer than 4 positions");
  }
  corners += positions.size();
  if (corners > kMostCorners) {
    return fail(ErrorKind::kTooLarge, "the file's outlines have more than " +
                                          std::to_string(kMostCorners) +
                                          " corners; simplify them in QuPath");
  }
  Ring ring;
  ring.reserve(positions.size());
  for (const Json& position : positions) {
    CLIPPATH_TRY(const Corner corner, read_corner(position));
    ring.push_back(corner);
  }
  if (ring.front() != ring.back()) {
    return malformed("is not closed: its last position must be its first one");
  }
  ring.pop_back();
  return ring;
}

Result<Polygon> read_polygon(const Json& rings, std::size_t& corners) {
  if (!rings.is_array() || rings.empty()) return malformed("a polygon has no ring");
  Polygon polygon;
  for (std::size_t i = 0; i < rings.size(); ++i) {
    auto ring = read_ring(rings[i], corners);
    if (!ring) return fail(ring.error().within("ring " + std::to_string(i + 1)));
    polygon.push_back(std::move(*ring));
  }
  return polygon;
}

/// The areas of a geometry; none for points and lines, and for a feature without a place.
Result<std::vector<Polygon>> read_geometry(const Json& geometry, std::size_t& corners) {
  std::vector<Polygon> polygons;
  if (geometry.is_null()) return polygons;
  const std::string type = text_of(member(geometry, "type"));
  const Json& coordinates = member(geometry, "coordinates");
  if (type == "Polygon") {
    CLIPPATH_TRY(Polygon polygon, read_polygon(coordinates, corners));
    polygons.push_back(std::move(polygon));
    return polygons;
  }
  if (type == "MultiPolygon") {
    if (!coordinates.is_array()) return malformed("a multipolygon without coordinates");
    for (const Json& rings : coordinates) {
      CLIPPATH_TRY(Polygon polygon, read_polygon(rings, corners));
      polygons.push_back(std::move(polygon));
    }
    return polygons;
  }
  if (type == "Point" || type == "MultiPoint" || type == "LineString" ||
      type == "MultiLineString") {
    return polygons;
  }
  return malformed("its geometry must be a Polygon or a MultiPolygon, is '" + type + "'");
}

/// The features of a FeatureCollection, of a list, or the one that the document is.
Result<std::vector<const Json*>> features_of(const Json& document) {
  const Json* list = &document;
  if (text_of(member(document, "type")) == "Feature") return std::vector<const Json*>{&document};
  if (document.is_object()) list = &member(document, "features");
  if (!list->is_array()) {
    return malformed("must be a FeatureCollection, a Feature or a list of Features");
  }
  std::vector<const Json*> features;
  for (const Json& feature : *list) features.push_back(&feature);
  return features;
}

std::string name_of(std::size_t index, const Json& feature) {
  std::string name = text_of(member(member(feature, "properties"), "name"));
  if (name.empty()) name = text_of(member(feature, "id"));
  return "feature " + std::to_string(index + 1) + (name.empty() ? "" : " ('" + name + "')");
}

bool is_named(const std::vector<std::string>& classes, const std::string& name) {
  return !name.empty() && std::ranges::find(classes, name) != classes.end();
}

Result<Regions> regions_of(const Json& document, const RegionClasses& classes) {
  CLIPPATH_TRY(const auto features, features_of(document));
  std::vector<Polygon> included;
  std::vector<Polygon> excluded;
  std::size_t corners = 0;
  for (std::size_t i = 0; i < features.size(); ++i) {
    const Json& feature = *features[i];
    if (!feature.is_object()) return malformed(name_of(i, feature) + ": is not an object");
    if (!is_annotation(feature)) continue;
    const std::string name = class_of(feature);
    const bool is_excluded = is_named(classes.excluded, name);
    if (!is_excluded && !classes.included.empty() && !is_named(classes.included, name)) continue;
    auto polygons = read_geometry(member(feature, "geometry"), corners);
    if (!polygons) return fail(polygons.error().within(name_of(i, feature)));
    auto& target = is_excluded ? excluded : included;
    std::ranges::move(*polygons, std::back_inserter(target));
  }
  if (included.empty() && (excluded.empty() || !classes.included.empty())) {
    return malformed(
        classes.included.empty()
            ? "holds no annotation with an area"
            : "holds no annotation with an area of the classes that --roi-class names");
  }
  if (included.empty()) return Regions::everywhere_but(std::move(excluded));
  return Regions(std::move(included), std::move(excluded));
}

}  // namespace

Result<Regions> read_regions(const std::filesystem::path& file, const RegionClasses& classes) {
  CLIPPATH_TRY(const std::string text, read_text_file(file, kMaxBytes));
  JsonLimits limits;
  limits.max_bytes = kMaxBytes;
  limits.max_keys = 4096;  // a QuPath object may have hundreds of measurements
  limits.max_elements = kMostCorners + 1;
  auto document = parse_json(nan_as_null(text), limits);
  if (!document) return fail(document.error().within(file.string()));
  auto regions = regions_of(*document, classes);
  if (!regions) return fail(regions.error().within(file.string()));
  return regions;
}

}  // namespace clippath
