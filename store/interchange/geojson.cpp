// SPDX-License-Identifier: Apache-2.0
#include "clippath/geojson.h"

#include "clippath/core/digest.h"
#include "core/json/json.h"

namespace clippath {
namespace {

Json ring_of(const Level0Rect& rect) {
  const std::int64_t right = rect.x + rect.width;
  const std::int64_t bottom = rect.y + rect.height;
  return Json::array(
      {{rect.x, rect.y}, {right, rect.y}, {right, bottom}, {rect.x, bottom}, {rect.x, rect.y}});
}

Json properties_of(const GeoFeature& feature) {
  Json properties = {{"objectType", feature.object == GeoObject::kTile ? "tile" : "annotation"},
                     {"name", feature.name}};
  if (!feature.classification.empty()) {
    properties["classification"] = {{"name", feature.classification}, {"color", feature.color}};
  }
  properties["measurements"] = Json::object();
  for (const auto& [name, value] : feature.measurements) properties["measurements"][name] = value;
  properties["metadata"] = Json::object();
  for (const auto& [name, text] : feature.metadata) {
    if (!text.empty()) properties["metadata"][name] = text;
  }
  return properties;
}

}  // namespace

std::string to_geojson(const std::vector<GeoFeature>& features) {
  Json list = Json::array();
  for (const GeoFeature& feature : features) {
    const Json geometry = {{"type", "Polygon"},
                           {"coordinates", Json::array({ring_of(feature.rect)})}};
    list.push_back({{"type", "Feature"},
                    {"id", uuid_of(feature.name)},
                    {"geometry", geometry},
                    {"properties", properties_of(feature)}});
  }
  return to_text({{"type", "FeatureCollection"}, {"features", std::move(list)}}) + "\n";
}

}  // namespace clippath
