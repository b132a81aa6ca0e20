// SPDX-License-Identifier: Apache-2.0
#include "clippath/regions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <numbers>
#include <random>
#include <set>

#include "tests/support/temp_dir.h"

namespace clippath {
namespace {

using ::testing::HasSubstr;

Ring rectangle(double left, double top, double right, double bottom) {
  return {{left, top}, {right, top}, {right, bottom}, {left, bottom}};
}

Ring reversed(Ring ring) {
  std::reverse(ring.begin(), ring.end());
  return ring;
}

RegionPlace place(const Regions& regions, double x, double y) {
  return RegionScan(regions).place_of({x, y});
}

bool is_inside(const std::vector<Polygon>& polygons, double x, double y) {
  return place(Regions(polygons, {}), x, y) == RegionPlace::kInside;
}

TEST(Regions, HoldTheirLeftAndTopEdgeOnly) {
  const std::vector<Polygon> square = {{rectangle(0, 0, 10, 10)}};
  EXPECT_TRUE(is_inside(square, 0, 5));
  EXPECT_FALSE(is_inside(square, 10, 5));
  EXPECT_TRUE(is_inside(square, 5, 0));
  EXPECT_FALSE(is_inside(square, 5, 10));
  // So of two that share an edge exactly one holds a point on it.
  const std::vector<Polygon> beside = {{rectangle(10, 0, 20, 10)}};
  EXPECT_TRUE(is_inside(beside, 10, 5));
}

TEST(Regions, HolesAreOutsideWhateverTheDirectionOfTheirRings) {
  const Ring outer = rectangle(0, 0, 10, 10);
  const Ring hole = rectangle(4, 4, 6, 6);
  for (const Ring& border : {outer, reversed(outer)}) {
    for (const Ring& inner : {hole, reversed(hole)}) {
      EXPECT_FALSE(is_inside({{border, inner}}, 5, 5));
      EXPECT_TRUE(is_inside({{border, inner}}, 2, 5));
      EXPECT_TRUE(is_inside({{border, inner}}, 8, 5));
    }
  }
}

TEST(Regions, APolygonInTheHoleOfAnotherOneIsInside) {
  EXPECT_TRUE(
      is_inside({{rectangle(0, 0, 10, 10), rectangle(3, 3, 7, 7)}, {rectangle(4, 4, 6, 6)}}, 5, 5));
}

TEST(Regions, ARingMayTouchItself) {
  // A square with a hole that is cut out through a slit, walked in both directions.
  const Ring slit = {{0, 0}, {10, 0}, {10, 10}, {0, 10}, {0, 5}, {4, 5},
                     {4, 6}, {6, 6},  {6, 4},   {4, 4},  {4, 5}, {0, 5}};
  EXPECT_FALSE(is_inside({{slit}}, 5, 5));
  EXPECT_TRUE(is_inside({{slit}}, 2, 5));
  EXPECT_TRUE(is_inside({{slit}}, 2, 4.5));
  EXPECT_TRUE(is_inside({{slit}}, 8, 5));
  EXPECT_FALSE(is_inside({{slit}}, 11, 5));
}

TEST(Regions, ExclusionsWinAndTheRestOfTheSlideIsIn) {
  const std::vector<Polygon> tumour = {{rectangle(0, 0, 10, 10)}};
  const std::vector<Polygon> fold = {{rectangle(5, 0, 20, 10)}};
  const Regions both(tumour, fold);
  EXPECT_EQ(place(both, 2, 5), RegionPlace::kInside);
  EXPECT_EQ(place(both, 7, 5), RegionPlace::kExcluded);
  EXPECT_EQ(place(both, 15, 5), RegionPlace::kOutside);
  const Regions rest = Regions::everywhere_but(fold);
  EXPECT_EQ(place(rest, 2, 5), RegionPlace::kInside);
  EXPECT_EQ(place(rest, 7, 5), RegionPlace::kExcluded);
  EXPECT_EQ(place(rest, 1e6, 1e6), RegionPlace::kInside);
}

/// Sum of the angles under which a point sees the edges: a full turn inside, none outside.
bool sees_itself_surrounded(const Ring& ring, double x, double y) {
  double turn = 0;
  for (std::size_t i = 0; i < ring.size(); ++i) {
    const Corner& a = ring[i];
    const Corner& b = ring[(i + 1) % ring.size()];
    turn += std::remainder(std::atan2(b.y - y, b.x - x) - std::atan2(a.y - y, a.x - x),
                           2 * std::numbers::pi);
  }
  return std::abs(turn) > std::numbers::pi;
}

TEST(Regions, AgreeWithTheTurningAngleOnRandomOutlines) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    const auto uniform = [&random](double low, double high) {
      return std::uniform_real_distribution<double>(low, high)(random);
    };
    Ring star;  // simple, since its corners go once around
    const int corners = 3 + static_cast<int>(seed % 40);
    for (int i = 0; i < corners; ++i) {
      const double angle = 2 * std::numbers::pi * i / corners;
      const double radius = uniform(100, 1000);
      star.push_back({1000 + std::round(radius * std::cos(angle)),
                      1000 + std::round(radius * std::sin(angle))});
    }
    Ring shrunk;
    for (const Corner& c : star)
      shrunk.push_back({1000 + (c.x - 1000) / 3, 1000 + (c.y - 1000) / 3});
    std::rotate(star.begin(), star.begin() + corners / 2, star.end());
    const Regions regions({{star, reversed(shrunk)}}, {});
    RegionScan scan(regions);
    for (int row = 0; row < 12; ++row) {
      const double y = uniform(0, 2000);
      for (int column = 0; column < 12; ++column) {
        const double x = uniform(0, 2000);
        const bool expected =
            sees_itself_surrounded(star, x, y) && !sees_itself_surrounded(shrunk, x, y);
        ASSERT_EQ(scan.place_of({x, y}) == RegionPlace::kInside, expected) << x << ", " << y;
      }
    }
  }
}

TEST(Regions, HaveAnIdOfTheirCornersAlone) {
  const Polygon a = {rectangle(0, 0, 10, 10)};
  const Polygon b = {rectangle(20, 0, 30, 10)};
  EXPECT_EQ(Regions({a, b}, {}).id(), Regions({b, a}, {}).id());
  EXPECT_EQ(Regions({a}, {}).id().size(), 32U);
  const std::vector<std::string> ids = {
      Regions({a}, {}).id(),  Regions({b}, {}).id(),  Regions({a, b}, {}).id(),
      Regions({a}, {b}).id(), Regions({b}, {a}).id(), Regions::everywhere_but({a}).id()};
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), ids.size());
}

class RegionsFile : public testing::Test {
 protected:
  Result<Regions> read(const std::string& text, const RegionClasses& classes = {}) {
    const auto file = dir_.path() / "a.geojson";
    std::ofstream(file) << text;
    return read_regions(file, classes);
  }

  /// A square of 10 px from (x, 0) on.
  static std::string square(int x) {
    const std::string left = std::to_string(x);
    const std::string right = std::to_string(x + 10);
    return "[[" + left + ",0],[" + right + ",0],[" + right + ",10],[" + left + ",10],[" + left +
           ",0]]";
  }
  static std::string feature(const std::string& type, const std::string& coordinates,
                             const std::string& properties) {
    return R"({"type":"Feature","id":"8f1c","geometry":{"type":")" + type + R"(","coordinates":)" +
           coordinates + R"(},"properties":)" + properties + "}";
  }
  static std::string annotation(int x, const std::string& name) {
    return feature("Polygon", "[" + square(x) + "]",
                   R"({"objectType":"annotation","classification":{"name":")" + name +
                       R"(","color":[200,0,0]},"measurements":{"Area":100}})");
  }
  static std::string collection(const std::vector<std::string>& features) {
    std::string text;
    for (const std::string& feature : features) text += (text.empty() ? "" : ",") + feature;
    return R"({"type":"FeatureCollection","features":[)" + text + "]}";
  }

  test::TempDir dir_;
};

TEST_F(RegionsFile, MayBeACollectionAListOrOneFeature) {
  const std::string one = annotation(0, "Tumor");
  for (const std::string& text : {one, "[" + one + "]", collection({one})}) {
    const auto regions = read(text);
    ASSERT_TRUE(regions) << regions.error().message;
    EXPECT_EQ(regions->id(), Regions({{rectangle(0, 0, 10, 10)}}, {}).id());
  }
}

TEST_F(RegionsFile, ChoosesByClass) {
  const std::string text = collection({annotation(0, "Tumor"), annotation(20, "Stroma"),
                                       annotation(40, "Ignore*"), annotation(60, "Fold")});
  const auto places = [&](const RegionClasses& classes) {
    const auto regions = read(text, classes);
    EXPECT_TRUE(regions) << regions.error().message;
    std::vector<RegionPlace> found;
    for (const double x : {5, 25, 45, 65}) found.push_back(place(*regions, x, 5));
    return found;
  };
  using enum RegionPlace;
  EXPECT_EQ(places({}), (std::vector{kInside, kInside, kOutside, kInside}));
  EXPECT_EQ(places({{"Tumor"}, {"Ignore*", "Fold"}}),
            (std::vector{kInside, kOutside, kOutside, kOutside}));
  EXPECT_EQ(places({{}, {"Tumor", "Stroma", "Fold", "Ignore*"}}),
            (std::vector{kExcluded, kExcluded, kExcluded, kExcluded}));
}

TEST_F(RegionsFile, OfExclusionsOnlyMeansTheRestOfTheSlide) {
  const auto rest = read(annotation(40, "Ignore*"));
  ASSERT_TRUE(rest);
  EXPECT_EQ(place(*rest, 5, 5), RegionPlace::kInside);
  EXPECT_EQ(place(*rest, 45, 5), RegionPlace::kExcluded);
}

TEST_F(RegionsFile, ReadsHolesAndMultiPolygons) {
  const auto regions = read(
      feature("MultiPolygon",
              "[[[[0,0],[30,0],[30,30],[0,30],[0,0]],[[10,10],[20,10],[20,20],[10,20],[10,10]]],"
              "[[[50,0],[60,0],[60,30],[50,0]]]]",
              "{}"));
  ASSERT_TRUE(regions) << regions.error().message;
  EXPECT_EQ(place(*regions, 5, 15), RegionPlace::kInside);
  EXPECT_EQ(place(*regions, 15, 15), RegionPlace::kOutside);
  EXPECT_EQ(place(*regions, 58, 10), RegionPlace::kInside);
}

TEST_F(RegionsFile, PassesOverWhatIsNoArea) {
  const std::string detection =
      feature("Polygon", "[" + square(20) + "]", R"({"objectType":"detection"})");
  const std::string old_detection =
      feature("Polygon", "[" + square(20) + "]", R"({"object_type":"detection"})");
  const std::string point = feature("Point", "[5,5]", R"({"objectType":"annotation"})");
  std::string oldest = feature("Polygon", "[" + square(20) + "]", "{}");
  oldest.replace(oldest.find("8f1c"), 4, "PathDetectionObject");
  const std::string nowhere = R"({"type":"Feature","geometry":null,"properties":null})";
  const auto regions =
      read(collection({detection, old_detection, oldest, point, nowhere, annotation(0, "Tumor")}));
  ASSERT_TRUE(regions) << regions.error().message;
  EXPECT_EQ(place(*regions, 5, 5), RegionPlace::kInside);
  EXPECT_EQ(place(*regions, 25, 5), RegionPlace::kOutside);
  EXPECT_FALSE(read(collection({detection, point})));
}

TEST_F(RegionsFile, ReadsWhatQuPathWritesBesideTheStandard) {
  std::string annotation_of_old =
      feature("Polygon", "[" + square(0) + "]", R"({"classification":"Ignore \"NaN\" Infinity"})");
  annotation_of_old.replace(annotation_of_old.find("8f1c"), 4, "PathAnnotationObject");
  const std::string without_values =
      feature("Polygon", "[" + square(20) + "]",
              R"({"measurements":{"Max":NaN,"Min":-Infinity,"NaN":Infinity}})");
  RegionClasses classes;
  classes.excluded = {R"(Ignore "NaN" Infinity)"};
  const auto regions =
      read(collection({annotation(0, "Tumor"), annotation_of_old, without_values}), classes);
  ASSERT_TRUE(regions) << regions.error().message;
  EXPECT_EQ(place(*regions, 5, 5), RegionPlace::kExcluded);
  EXPECT_EQ(place(*regions, 25, 5), RegionPlace::kInside);
}

TEST_F(RegionsFile, RefusesWhatIsMalformedAndNamesTheFeature) {
  const auto outline = [](const std::string& ring) {
    return "[" + annotation(0, "Tumor") + "," +
           feature("Polygon", "[" + ring + "]", R"({"name":"rim"})") + "]";
  };
  const std::vector<std::pair<std::string, std::string>> cases = {
      {outline("[[0,0],[9,0],[9,9],[0,9]]"), "feature 2 ('rim'): ring 1: is not closed"},
      {outline("[[0,0],[9,0],[0,0]]"), "feature 2 ('rim'): ring 1: has fewer than 4 positions"},
      {outline("[[0,0],[9,0],[9,9],[0],[0,0]]"), "a position is not two numbers"},
      {outline("[[0,0],[9,0],[9,null],[0,0]]"), "a position is not two numbers"},
      {outline("[[0,0],[9,0],[1e300,9],[0,0]]"), "feature 2 ('rim'): ring 1: a coordinate"},
      {outline("[[0,0],[9,0],[NaN,9],[0,0]]"), "a position is not two numbers"},
      {outline("[[0,0],[9,0],[nan,9],[0,0]]"), "not JSON at byte"},
      {outline("[[0,0],[9,0],[1e999,9],[0,0]]"), "a.geojson"},
      {outline("7"), "fewer than 4"},
      {feature("Polygon", "[]", "{}"), "no ring"},
      {feature("Circle", "[]", "{}"), "is 'Circle'"},
      {R"([{"type":"Feature","geometry":null}])", "no annotation with an area"},
      {"[1,2]", "feature 1"},
      {"{}", "must be a FeatureCollection"},
      {"7", "must be a FeatureCollection"},
      {"[]", "no annotation"},
      {"", "not JSON"},
      {std::string(10'000, '['), "nested deeper"},
  };
  for (const auto& [text, message] : cases) {
    const auto refused = read(text);
    ASSERT_FALSE(refused) << message;
    EXPECT_EQ(refused.error().kind, ErrorKind::kInvalidArgument) << message;
    EXPECT_THAT(refused.error().message, HasSubstr(message));
    EXPECT_THAT(refused.error().message, HasSubstr("a.geojson"));
  }
  EXPECT_THAT(read(annotation(0, "Tumor"), {{"Stroma"}, {}}).error().message,
              HasSubstr("--roi-class"));
  EXPECT_EQ(read_regions(dir_.path() / "none.geojson", {}).error().kind, ErrorKind::kNotFound);
}

TEST_F(RegionsFile, RefusesMoreThanAMillionCorners) {
  std::string ring = "[[0,0]";
  for (int i = 0; i < 600'000; ++i) ring += ",[9,9]";
  ring += ",[0,0]]";
  EXPECT_TRUE(read(feature("Polygon", "[" + ring + "]", "{}")));
  const auto refused = read(feature("Polygon", "[" + ring + "," + ring + "]", "{}"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kTooLarge);
  EXPECT_THAT(refused.error().message, HasSubstr("1000000"));
}

}  // namespace
}  // namespace clippath
