// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "clippath/core/result.h"

namespace clippath {

/// A corner of a drawn outline, level-0 frame; not rounded to pixels.
struct Corner {
  double x = 0;
  double y = 0;
  friend bool operator==(const Corner&, const Corner&) = default;
};

/// A closed line; the last corner is joined to the first, whether it repeats it or not.
using Ring = std::vector<Corner>;

/// An outline with its holes. A point is inside if a ray from it crosses the rings an odd number of
/// times, so neither the direction of a ring matters nor whether it touches itself.
using Polygon = std::vector<Ring>;

/// Where a point lies among the regions of a slide.
enum class RegionPlace { kInside, kOutside, kExcluded };

/// The parts of a slide that are to be indexed, and those that are not, as they were drawn on it.
class Regions {
 public:
  /// @param included  a point is in if any of them holds it.
  /// @param excluded  a point is out again if any of them holds it.
  Regions(std::vector<Polygon> included, std::vector<Polygon> excluded);
  /// All of the slide but the excluded parts.
  static Regions everywhere_but(std::vector<Polygon> excluded);

  /// 32 hex digits, a hash of all corners: the same for the same polygons in any order.
  [[nodiscard]] std::string id() const;

 private:
  friend class RegionScan;
  std::vector<Polygon> included_;
  std::vector<Polygon> excluded_;
  bool everywhere_ = false;
};

/// Tells where points lie, row by row: costs one pass over all corners for each new y. One thread
/// at a time.
class RegionScan {
 public:
  /// @param regions  outlives this object.
  explicit RegionScan(const Regions& regions) : regions_(regions) {}

  /// A point on the left or top edge of an outline is inside of it, one on its right or bottom edge
  /// is not.
  RegionPlace place_of(Corner point);

 private:
  /// Stretch of a row, its right end outside.
  struct Span {
    double begin = 0;
    double end = 0;
  };
  using Spans = std::vector<Span>;  ///< sorted, apart from each other
  static Spans spans_of(const std::vector<Polygon>& polygons, double y);
  static bool holds(const Spans& spans, double x);

  const Regions& regions_;
  bool begun_ = false;
  double y_ = 0;
  Spans included_;
  Spans excluded_;
};

/// Which annotations of a file are regions.
struct RegionClasses {
  std::vector<std::string>
      included;  ///< empty: all that are not excluded, those without a class too
  std::vector<std::string> excluded = {"Ignore*"};  ///< QuPath's class for what is to be left out
};

/// Most corners of one file's regions.
inline constexpr std::size_t kMostCorners = 1'000'000;

/// Reads the regions of one slide from GeoJSON as QuPath exports it: a FeatureCollection, a Feature
/// or a list of Features, coordinates in level-0 pixels. Annotations with an area count (Polygon,
/// MultiPolygon); detections, cells, tiles, points and lines are left out. A file whose annotations
/// are all excluded ones means the rest of the slide, unless classes to be included are named.
/// Fails: kNotFound; kTooLarge over 64 MB or kMostCorners; kInvalidArgument naming file and
/// feature: no JSON, a ring that is open or has under four positions, a coordinate beyond 2^31,
/// another type of geometry, or no annotation of these classes at all.
Result<Regions> read_regions(const std::filesystem::path& file, const RegionClasses& classes);

}  // namespace clippath
