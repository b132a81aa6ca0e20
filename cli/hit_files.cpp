// SPDX-License-Identifier: Apache-2.0
#include "cli/hit_files.h"

#include <charconv>
#include <set>
#include <vector>

#include "cli/hit_table.h"
#include "clippath/core/csv.h"
#include "clippath/core/fields.h"
#include "clippath/geojson.h"

namespace clippath::cli {
namespace {

const std::vector<std::string> kHitColumns = {
    "rank",          "similarity", "kind",     "id",           "slide_id",      "case_id",
    "patch_id",      "level0_x",   "level0_y", "level0_width", "level0_height", "mpp",
    "mpp_source",    "extent_um",  "caption",  "report_id",    "linked",        "in_training",
    "partial_slide", "via",        "group"};

/// As in JSON: six decimals, more would be rounding noise of single precision.
std::string similarity_text(float similarity) {
  char text[32];
  return {text,
          std::to_chars(text, text + sizeof text, similarity, std::chars_format::fixed, 6).ptr};
}

std::string truth(bool value) { return value ? "true" : "false"; }

std::string kind_of(const Hit& hit) {
  switch (hit.kind) {
    case HitKind::kPatch: return "patch";
    case HitKind::kSlide: return "slide";
    case HitKind::kReport: return "report";
  }
  return "";
}

void add_place(const Hit& hit, std::vector<std::string>& cells) {
  const std::optional<Level0Rect>& rect = hit.rect;
  for (const std::int64_t side : rect ? std::vector{rect->x, rect->y, rect->width, rect->height}
                                      : std::vector<std::int64_t>()) {
    cells.push_back(std::to_string(side));
  }
  if (!rect) cells.insert(cells.end(), 4, "");
  cells.push_back(hit.scale ? to_text(FieldValue(hit.scale->mpp.value)) : "");
  cells.push_back(hit.scale ? std::string(to_string(hit.scale->source)) : "");
  cells.push_back(hit.extent_um > 0 ? to_text(FieldValue(hit.extent_um)) : "");
}

std::string row_of(const Hit& hit, std::size_t rank, const std::string& group,
                   const std::set<std::string>& fields) {
  std::vector<std::string> cells = {std::to_string(rank),
                                    similarity_text(hit.similarity),
                                    kind_of(hit),
                                    hit.id,
                                    hit.slide_id.value,
                                    hit.case_id.value,
                                    hit.patch_id ? hit.patch_id->value : ""};
  add_place(hit, cells);
  for (std::string cell :
       {spreadsheet_text(hit.caption), hit.report ? hit.report->id.value : "", truth(hit.linked),
        truth(hit.in_training), truth(hit.partial_slide), hit.via, group}) {
    cells.push_back(std::move(cell));
  }
  for (const std::string& name : fields) {
    const auto field = hit.fields.find(name);
    cells.push_back(field == hit.fields.end() ? "" : spreadsheet_text(to_text(field->second)));
  }
  return csv_line(cells);
}

GeoFeature annotation_of(const Hit& hit) {
  GeoFeature feature;
  feature.name = hit.patch_id ? hit.patch_id->value : hit.id;
  feature.rect = *hit.rect;
  feature.classification = "clippath hit";
  feature.color = {0, 114, 178};
  feature.measurements = {{"similarity", static_cast<double>(hit.similarity)}};
  feature.metadata = {
      {"slide_id", hit.slide_id.value}, {"case_id", hit.case_id.value}, {"caption", hit.caption}};
  return feature;
}

}  // namespace

std::string hits_as_csv(const SearchAnswer& answer) {
  std::set<std::string> fields;
  for (const Hit* hit : hits_of(answer)) {
    for (const auto& [name, value] : hit->fields) fields.insert(name);
  }
  std::vector<std::string> columns = kHitColumns;
  for (const std::string& name : fields) columns.push_back("field:" + name);
  std::string csv = csv_line(columns);
  std::size_t rank = 0;
  for (const Hit& hit : answer.hits) csv += row_of(hit, ++rank, "", fields);
  for (const HitGroup& group : answer.groups) {
    for (const Hit& hit : group.hits) csv += row_of(hit, ++rank, group.id, fields);
  }
  return csv;
}

HitAnnotations hits_as_geojson(const SearchAnswer& answer) {
  HitAnnotations annotations;
  std::vector<GeoFeature> features;
  std::set<SlideId> slides;
  for (const Hit* hit : hits_of(answer)) {
    if (!hit->rect) {
      ++annotations.without_place;
      continue;
    }
    slides.insert(hit->slide_id);
    features.push_back(annotation_of(*hit));
  }
  annotations.slides = slides.size();
  annotations.geojson = to_geojson(features);
  return annotations;
}

}  // namespace clippath::cli
