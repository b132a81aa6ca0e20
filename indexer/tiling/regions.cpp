// SPDX-License-Identifier: Apache-2.0
#include "clippath/regions.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <span>
#include <utility>

#include "clippath/core/digest.h"

namespace clippath {
namespace {

constexpr std::size_t kIdBytes = 16;

/// Where an edge crosses the row y. The upper end belongs to an edge and the lower one does not, so
/// that a corner on the row is crossed once. The same for both directions of the edge.
bool crosses(const Corner& a, const Corner& b, double y, double& x) {
  if ((a.y <= y) == (b.y <= y)) return false;
  const Corner& upper = a.y < b.y ? a : b;
  const Corner& lower = a.y < b.y ? b : a;
  x = upper.x + (y - upper.y) * (lower.x - upper.x) / (lower.y - upper.y);
  return true;
}

void add_crossings(const Polygon& polygon, double y, std::vector<double>& crossings) {
  for (const Ring& ring : polygon) {
    for (std::size_t i = 0; i < ring.size(); ++i) {
      double x = 0;
      if (crosses(ring[i], ring[(i + 1) % ring.size()], y, x)) crossings.push_back(x);
    }
  }
}

std::string bytes_of(const Polygon& polygon) {
  std::string bytes;
  const auto append = [&bytes](const auto& number) {
    std::array<char, sizeof number> raw{};
    std::memcpy(raw.data(), &number, sizeof number);
    bytes.append(raw.data(), raw.size());
  };
  append(std::uint64_t{polygon.size()});
  for (const Ring& ring : polygon) {
    append(std::uint64_t{ring.size()});
    for (const Corner& corner : ring) {
      append(corner.x);
      append(corner.y);
    }
  }
  return bytes;
}

void digest_polygons(const std::vector<Polygon>& polygons, Sha256& digest) {
  std::vector<std::string> all;
  for (const Polygon& polygon : polygons) all.push_back(bytes_of(polygon));
  std::sort(all.begin(), all.end());
  digest.update(std::to_string(all.size()) + ":");
  for (const std::string& bytes : all) digest.update(bytes);
}

}  // namespace

Regions::Regions(std::vector<Polygon> included, std::vector<Polygon> excluded)
    : included_(std::move(included)), excluded_(std::move(excluded)) {}

Regions Regions::everywhere_but(std::vector<Polygon> excluded) {
  Regions regions({}, std::move(excluded));
  regions.everywhere_ = true;
  return regions;
}

std::string Regions::id() const {
  Sha256 digest;
  digest.update(everywhere_ ? "everywhere" : "included");
  digest_polygons(included_, digest);
  digest_polygons(excluded_, digest);
  const Sha256Digest hash = digest.finish();
  return to_hex(std::span(hash).first<kIdBytes>());
}

RegionPlace RegionScan::place_of(Corner point) {
  if (!begun_ || point.y != y_) {
    begun_ = true;
    y_ = point.y;
    included_ = spans_of(regions_.included_, y_);
    excluded_ = spans_of(regions_.excluded_, y_);
  }
  if (!regions_.everywhere_ && !holds(included_, point.x)) return RegionPlace::kOutside;
  return holds(excluded_, point.x) ? RegionPlace::kExcluded : RegionPlace::kInside;
}

RegionScan::Spans RegionScan::spans_of(const std::vector<Polygon>& polygons, double y) {
  Spans spans;
  std::vector<double> crossings;
  for (const Polygon& polygon : polygons) {
    crossings.clear();
    add_crossings(polygon, y, crossings);
    std::sort(crossings.begin(), crossings.end());
    for (std::size_t i = 0; i + 1 < crossings.size(); i += 2) {
      if (crossings[i] < crossings[i + 1]) spans.push_back({crossings[i], crossings[i + 1]});
    }
  }
  std::sort(spans.begin(), spans.end(),
            [](const Span& a, const Span& b) { return a.begin < b.begin; });
  Spans apart;
  for (const Span& span : spans) {
    if (!apart.empty() && span.begin <= apart.back().end) {
      apart.back().end = std::max(apart.back().end, span.end);
    } else {
      apart.push_back(span);
    }
  }
  return apart;
}

bool RegionScan::holds(const Spans& spans, double x) {
  const auto after = std::upper_bound(spans.begin(), spans.end(), x,
                                      [](double at, const Span& span) { return at < span.begin; });
  return after != spans.begin() && x < std::prev(after)->end;
}

}  // namespace clippath
