// SPDX-License-Identifier: Apache-2.0
#include "server/http/record_codec.h"

#include <cmath>

namespace clippath {
namespace {

Json known(double value) { return value > 0 ? Json(value) : Json(nullptr); }

Json field_json(const FieldValue& value) {
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* truth = std::get_if<bool>(&value)) return *truth;
  return to_text(value);
}

std::string region_url(const SlideId& slide, const Level0Rect& rect) {
  return "/v1/slides/" + slide.value + "/region?x=" + std::to_string(rect.x) +
         "&y=" + std::to_string(rect.y) + "&width=" + std::to_string(rect.width) +
         "&height=" + std::to_string(rect.height) + "&max_px=512";
}

Json attention_json(const std::optional<AttentionScores>& scores) {
  if (!scores) return nullptr;
  return {{"threshold", scores->threshold}, {"scores", scores->histogram}};
}

std::int64_t patch_count(const SlideRecord& slide) {
  std::int64_t count = 0;
  for (const SeriesRecord& series : slide.series) count += series.count;
  return count;
}

Json report_of_json(const QueryEngine& engine, const SlideRecord& slide) {
  const ReportRecord* report = engine.report_of(slide);
  return report == nullptr ? Json(nullptr) : report_json(*report);
}

}  // namespace

Json fields_json(const Fields& fields) {
  Json object = Json::object();
  for (const auto& [name, value] : fields) object[name] = field_json(value);
  return object;
}

Json rect_json(const std::optional<Level0Rect>& rect) {
  if (!rect) return nullptr;
  return {{"x", rect->x}, {"y", rect->y}, {"width", rect->width}, {"height", rect->height}};
}

void add_scale(Json& object, const std::optional<SlideScale>& scale) {
  object["mpp"] = scale ? Json(scale->mpp.value) : Json(nullptr);
  object["mpp_source"] = scale ? Json(to_string(scale->source)) : Json(nullptr);
}

Json similarity_json(float similarity) {
  return std::round(static_cast<double>(similarity) * 1e6) / 1e6;
}

// Ids need no escaping in a URL: they consist of unreserved characters and '='.
void add_links(Json& object, const SlideRecord* slide, const PatchRecord* patch) {
  const bool has_slide_file = slide != nullptr && !slide->path.empty();
  const bool has_place = has_slide_file && patch != nullptr && patch->rect.has_value();
  const bool has_picture = has_place || (patch != nullptr && !patch->image_path.empty());
  object["image_url"] =
      has_picture ? Json("/v1/patches/" + patch->id.value + "/image") : Json(nullptr);
  object["region_url"] = has_place ? Json(region_url(slide->id, *patch->rect)) : Json(nullptr);
  object["thumbnail_url"] =
      has_slide_file ? Json("/v1/slides/" + slide->id.value + "/thumbnail") : Json(nullptr);
}

Json report_json(const ReportRecord& report) {
  return {{"id", report.id.value},
          {"case_id", report.case_id.value},
          {"slide_id", report.slide_id ? Json(report.slide_id->value) : Json(nullptr)},
          {"caption", report.caption},
          {"text", report.text},
          {"fields", fields_json(report.fields)}};
}

Json patch_json(const QueryEngine& engine, const PatchRecord& patch, const SlideRecord& slide) {
  Json object = {{"id", patch.id.value},
                 {"kind", "patch"},
                 {"slide_id", slide.id.value},
                 {"case_id", slide.case_id.value},
                 {"rect", rect_json(patch.rect)}};
  add_scale(object, slide.scale);
  object["extent_um"] = known(patch.extent_um);
  object["tissue_fraction"] = patch.tissue_fraction;
  object["white_fraction"] = patch.white_fraction;
  object["keeps_stain"] = patch.keeps_stain;
  object["attention"] = patch.attention ? Json(*patch.attention) : Json(nullptr);
  object["caption"] = caption_of(slide, patch);
  add_links(object, &slide, &patch);
  object["partial_slide"] = slide.partial;
  object["in_training"] = engine.in_training(slide);
  object["fields"] = fields_json(fields_of(slide, patch));
  object["report"] = report_of_json(engine, slide);
  return object;
}

Json slide_summary_json(const QueryEngine& engine, const SlideRecord& slide) {
  const bool has_size = slide.size.width > 0;
  Json object = {{"id", slide.id.value},
                 {"case_id", slide.case_id.value},
                 {"caption", slide.caption},
                 {"width", has_size ? Json(slide.size.width) : Json(nullptr)},
                 {"height", has_size ? Json(slide.size.height) : Json(nullptr)}};
  add_scale(object, slide.scale);
  object["objective"] = slide.objective ? Json(*slide.objective) : Json(nullptr);
  object["vendor"] = slide.vendor;
  object["patches"] = patch_count(slide);
  object["partial"] = slide.partial;
  object["in_training"] = engine.in_training(slide);
  object["thumbnail_url"] =
      slide.path.empty() ? Json(nullptr) : Json("/v1/slides/" + slide.id.value + "/thumbnail");
  object["fields"] = fields_json(slide.fields);
  return object;
}

Json slide_json(const QueryEngine& engine, const SlideRecord& slide) {
  Json object = slide_summary_json(engine, slide);
  object["report_ids"] = Json::array();
  for (const ReportId& id : slide.report_ids) object["report_ids"].push_back(id.value);
  object["encoders"] = Json::array();
  for (const EncoderId& encoder : slide.encoders) object["encoders"].push_back(encoder.value);
  object["indexed_at"] = slide.indexed_at;
  object["series"] = Json::array();
  for (const SeriesRecord& series : slide.series) {
    object["series"].push_back({{"level0_extent", series.level0_extent},
                                {"extent_um", known(series.extent_um)},
                                {"patches", series.count},
                                {"pipeline", series.pipeline_id},
                                {"tiles", series.tiles},
                                {"attention", attention_json(series.attention)}});
  }
  object["report"] = report_of_json(engine, slide);
  return object;
}

}  // namespace clippath
