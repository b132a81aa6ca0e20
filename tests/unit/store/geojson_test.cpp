// SPDX-License-Identifier: Apache-2.0
#include "clippath/geojson.h"

#include <gtest/gtest.h>

#include "core/json/json.h"

namespace clippath {
namespace {

GeoFeature feature() {
  GeoFeature feature;
  feature.name = "s~10_20_512";
  feature.rect = {10, 20, 512, 256};
  feature.measurements = {{"similarity", 0.5}};
  feature.metadata = {{"slide_id", "s"}, {"caption", ""}};
  return feature;
}

Json only_feature(const GeoFeature& feature) {
  const Json json = parse_json(to_geojson({feature})).value_or(Json());
  EXPECT_EQ(json["type"], "FeatureCollection");
  return json["features"][0];
}

TEST(GeoJson, ClosesTheRingInLevel0Pixels) {
  const Json json = only_feature(feature());
  EXPECT_EQ(json["geometry"]["type"], "Polygon");
  EXPECT_EQ(json["geometry"]["coordinates"].dump(),
            "[[[10,20],[522,20],[522,276],[10,276],[10,20]]]");
}

TEST(GeoJson, StatesWhatQuPathReads) {
  GeoFeature hit = feature();
  hit.classification = "hit";
  hit.color = {255, 0, 10};
  const Json json = only_feature(hit);
  EXPECT_EQ(json["type"], "Feature");
  EXPECT_EQ(json["id"].get<std::string>().size(), 36U);
  const Json& properties = json["properties"];
  EXPECT_EQ(properties["objectType"], "annotation");
  EXPECT_EQ(properties["name"], "s~10_20_512");
  EXPECT_EQ(properties["classification"].dump(), R"({"name":"hit","color":[255,0,10]})");
  EXPECT_EQ(properties["measurements"].dump(), R"({"similarity":0.5})");
  EXPECT_EQ(properties["metadata"].dump(), R"({"slide_id":"s"})");
}

TEST(GeoJson, KeepsTheIdOfAnObject) {
  GeoFeature moved = feature();
  moved.rect.x = 0;
  moved.object = GeoObject::kTile;
  EXPECT_EQ(only_feature(moved)["id"], only_feature(feature())["id"]);
  EXPECT_EQ(only_feature(moved)["properties"]["objectType"], "tile");
}

TEST(GeoJson, IsACollectionWithoutFeaturesToo) {
  EXPECT_EQ(to_geojson({}), "{\"type\":\"FeatureCollection\",\"features\":[]}\n");
}

}  // namespace
}  // namespace clippath
