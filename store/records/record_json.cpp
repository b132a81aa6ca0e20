// SPDX-License-Identifier: Apache-2.0
#include "store/records/record_json.h"

#include <algorithm>
#include <limits>

#include "clippath/core/ids.h"
#include "core/json/json.h"
#include "indexer/stain/profile_json.h"

namespace clippath {
namespace {

constexpr std::int64_t kFormat = 1;
constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr double kLargest = std::numeric_limits<double>::max();
constexpr std::size_t kMaxText = std::size_t{1} << 28U;
constexpr JsonLimits kLimits{kMaxText, 8, 1U << 20U, 1U << 24U};

Json fields_to_json(const Fields& fields) {
  Json object = Json::object();
  for (const auto& [name, value] : fields) {
    if (const auto* text = std::get_if<std::string>(&value)) {
      object[name] = *text;
    } else if (const auto* number = std::get_if<double>(&value)) {
      object[name] = *number;
    } else if (const auto* truth = std::get_if<bool>(&value)) {
      object[name] = *truth;
    } else {
      object[name] = Json{{"date", std::get<Date>(value).iso}};
    }
  }
  return object;
}

std::optional<FieldValue> field_from_json(const Json& value) {
  if (value.is_string()) return FieldValue(value.get<std::string>());
  if (value.is_boolean()) return FieldValue(value.get<bool>());
  if (value.is_number()) return FieldValue(value.get<double>());
  if (!value.is_object() || value.size() != 1) return std::nullopt;
  const auto date = value.find("date");
  if (date == value.end() || !date->is_string()) return std::nullopt;
  return FieldValue(Date{date->get<std::string>()});
}

Fields take_fields(ObjectReader& reader) {
  Fields fields;
  const Json* object = reader.any("fields");
  if (object == nullptr) return fields;
  if (!object->is_object()) {
    reader.reject("fields", "must be an object");
    return fields;
  }
  for (const auto& [name, value] : object->items()) {
    std::optional<FieldValue> field = field_from_json(value);
    if (field) {
      fields.emplace(name, *std::move(field));
    } else {
      reader.reject("fields", "has a value that is no text, number, truth or date");
    }
  }
  return fields;
}

Json series_to_json(const SeriesRecord& series) {
  Json tiles = Json::object();
  for (const auto& [what, count] : series.tiles) tiles[what] = count;
  Json json{{"level0_extent", series.level0_extent}, {"extent_um", series.extent_um},
            {"first_ordinal", series.first_ordinal}, {"count", series.count},
            {"pipeline_id", series.pipeline_id},     {"tiles", tiles}};
  if (series.stain) json["stain"] = to_json(*series.stain);
  if (series.attention) {
    json["attention"] = {{"threshold", series.attention->threshold},
                         {"scores", series.attention->histogram}};
  }
  if (!series.regions_id.empty()) json["regions_id"] = series.regions_id;
  return json;
}

std::optional<AttentionScores> take_attention(ObjectReader& series) {
  const Json* value = series.any("attention");
  if (value == nullptr) return std::nullopt;
  ObjectReader reader(*value, series.path_of("attention"));
  AttentionScores scores;
  scores.threshold = reader.number("threshold", -kLargest, kLargest);
  const Json* counts = reader.any("scores");
  if (counts == nullptr || !counts->is_array() || counts->size() != AttentionScores::kBins ||
      !std::ranges::all_of(*counts, [](const Json& count) { return count.is_number_integer(); })) {
    reader.reject("scores", "must be ten whole numbers");
  } else {
    counts->get_to(scores.histogram);
  }
  if (auto done = reader.finish(); !done) series.reject(done.error());
  return scores;
}

Result<SeriesRecord> take_one_series(ObjectReader& reader) {
  SeriesRecord series;
  series.level0_extent = reader.integer("level0_extent", 0, kMost);
  series.extent_um = reader.number("extent_um", -kLargest, kLargest);
  constexpr std::int64_t kMostOrdinal = std::numeric_limits<std::uint32_t>::max();
  series.first_ordinal =
      static_cast<std::uint32_t>(reader.integer("first_ordinal", 0, kMostOrdinal));
  series.count = static_cast<std::uint32_t>(reader.integer("count", 0, kMostOrdinal));
  series.pipeline_id = reader.text("pipeline_id");
  series.regions_id = reader.optional_text("regions_id").value_or("");
  if (const Json* stain = reader.any("stain")) {
    CLIPPATH_TRY(series.stain, stain_profile_from_json(*stain));
  }
  series.attention = take_attention(reader);
  const Json* tiles = reader.any("tiles");
  if (tiles == nullptr || !tiles->is_object()) {
    reader.reject("tiles", "must be an object");
    return series;
  }
  for (const auto& [what, count] : tiles->items()) {
    if (!count.is_number_integer()) reader.reject("tiles", "must hold whole numbers");
    series.tiles[what] = count.is_number_integer() ? count.get<std::int64_t>() : 0;
  }
  return series;
}

Result<std::vector<SeriesRecord>> take_series(ObjectReader& slide) {
  std::vector<SeriesRecord> all;
  const Json* list = slide.any("series");
  if (list == nullptr || !list->is_array()) {
    slide.reject("series", "must be a list");
    return all;
  }
  for (const Json& value : *list) {
    ObjectReader reader(value, "series");
    CLIPPATH_TRY(SeriesRecord series, take_one_series(reader));
    all.push_back(std::move(series));
    CLIPPATH_TRY_VOID(reader.finish());
  }
  return all;
}

Json encoders_to_json(const std::vector<EncoderId>& encoders) {
  Json json = Json::array();
  for (const EncoderId& encoder : encoders) json.push_back(encoder.value);
  return json;
}

std::vector<EncoderId> take_encoders(ObjectReader& reader) {
  std::vector<EncoderId> encoders;
  for (std::string& id : reader.optional_texts("encoders", kMaxEncoders)) {
    encoders.emplace_back(std::move(id));
  }
  if (encoders.empty()) reader.reject("encoders", "must name whose vectors there are");
  return encoders;
}

void check_format(ObjectReader& reader) { reader.integer("format", kFormat, kFormat); }

/// The bytes are our own: what does not parse was damaged, whatever the parser calls it.
Error as_corruption(const char* what, Error error) {
  error = error.within(what);
  error.kind = ErrorKind::kCorruption;
  return error;
}

/// What could not be read back (a number that is not finite, two columns whose names differ in
/// damaged UTF-8 only) must not be stored.
/// Names of files are bytes. One that is not UTF-8 would come back as another one.
bool survives(const std::string& path) {
  const auto back = parse_json(to_text(Json(path)));
  return back && *back == Json(path);
}

template <class Record>
Result<void> check_readable(const Result<Record>& record) {
  if (record) return {};
  Error error = record.error();
  error.kind = ErrorKind::kInvalidArgument;
  return fail(std::move(error));
}

Result<SlideRecord> slide_from_json(const Json& json) {
  ObjectReader reader(json, "");
  check_format(reader);
  SlideRecord slide;
  slide.id = SlideId(reader.text("id"));
  slide.case_id = CaseId(reader.text("case_id"));
  slide.path = reader.text("path");
  if (const auto escaped = reader.optional_text("path_bytes")) slide.path = unescape_id(*escaped);
  slide.fingerprint.sha256 = reader.text("sha256");
  slide.fingerprint.size_bytes =
      static_cast<std::uint64_t>(reader.integer("size_bytes", kLeast, kMost));
  slide.fingerprint.modified_ns = reader.integer("modified_ns", kLeast, kMost);
  slide.size = {reader.integer("width", kLeast, kMost), reader.integer("height", kLeast, kMost)};
  if (const auto mpp = reader.optional_number("mpp", -kLargest, kLargest)) {
    const auto source = static_cast<MppSource>(reader.integer("mpp_source", 1, 6));
    slide.scale = SlideScale{MicronsPerPixel{*mpp}, source};
  }
  slide.objective = reader.optional_number("objective", -kLargest, kLargest);
  slide.vendor = reader.text("vendor");
  slide.caption = reader.text("caption", kMaxText);
  for (std::string& id : reader.optional_texts("report_ids", 1U << 24U))
    slide.report_ids.emplace_back(std::move(id));
  slide.fields = take_fields(reader);
  slide.encoders = take_encoders(reader);
  slide.partial = reader.optional_boolean("partial").value_or(false);
  slide.indexed_at = reader.integer("indexed_at", kLeast, kMost);
  CLIPPATH_TRY(slide.series, take_series(reader));
  CLIPPATH_TRY_VOID(reader.finish());
  return slide;
}

Result<ReportRecord> report_from_json(const Json& json) {
  ObjectReader reader(json, "");
  check_format(reader);
  ReportRecord report;
  report.id = ReportId(reader.text("id"));
  report.case_id = CaseId(reader.text("case_id"));
  if (auto slide = reader.optional_text("slide_id")) report.slide_id = SlideId(*std::move(slide));
  report.text = reader.text("text", kMaxText);
  report.caption = reader.text("caption", kMaxText);
  report.fields = take_fields(reader);
  report.encoders = take_encoders(reader);
  CLIPPATH_TRY_VOID(reader.finish());
  return report;
}

}  // namespace

Result<std::string> encode_slide(const SlideRecord& slide) {
  Json json{{"format", kFormat},
            {"id", slide.id.value},
            {"case_id", slide.case_id.value},
            {"path", slide.path},
            {"sha256", slide.fingerprint.sha256},
            {"size_bytes", static_cast<std::int64_t>(slide.fingerprint.size_bytes)},
            {"modified_ns", slide.fingerprint.modified_ns},
            {"width", slide.size.width},
            {"height", slide.size.height}};
  if (!survives(slide.path)) json["path_bytes"] = escape_id(slide.path);
  if (slide.scale) {
    json["mpp"] = slide.scale->mpp.value;
    json["mpp_source"] = static_cast<int>(slide.scale->source);
  }
  if (slide.objective) json["objective"] = *slide.objective;
  json["vendor"] = slide.vendor;
  json["caption"] = slide.caption;
  json["report_ids"] = Json::array();
  for (const ReportId& id : slide.report_ids) json["report_ids"].push_back(id.value);
  json["fields"] = fields_to_json(slide.fields);
  json["encoders"] = encoders_to_json(slide.encoders);
  json["partial"] = slide.partial;
  json["indexed_at"] = slide.indexed_at;
  json["series"] = Json::array();
  for (const SeriesRecord& series : slide.series) json["series"].push_back(series_to_json(series));
  std::string text = to_text(json);
  CLIPPATH_TRY_VOID(check_readable(decode_slide(text)));
  return text;
}

Result<SlideRecord> decode_slide(std::string_view text) {
  auto json = parse_json(text, kLimits);
  if (!json) return fail(as_corruption("slide record", std::move(json.error())));
  auto slide = slide_from_json(*json);
  if (!slide) return fail(as_corruption("slide record", std::move(slide.error())));
  return slide;
}

Result<std::string> encode_report(const ReportRecord& report) {
  Json json{{"format", kFormat}, {"id", report.id.value}, {"case_id", report.case_id.value}};
  if (report.slide_id) json["slide_id"] = report.slide_id->value;
  json["text"] = report.text;
  json["caption"] = report.caption;
  json["fields"] = fields_to_json(report.fields);
  json["encoders"] = encoders_to_json(report.encoders);
  std::string text = to_text(json);
  CLIPPATH_TRY_VOID(check_readable(decode_report(text)));
  return text;
}

Result<ReportRecord> decode_report(std::string_view text) {
  auto json = parse_json(text, kLimits);
  if (!json) return fail(as_corruption("report record", std::move(json.error())));
  auto report = report_from_json(*json);
  if (!report) return fail(as_corruption("report record", std::move(report.error())));
  return report;
}

}  // namespace clippath
