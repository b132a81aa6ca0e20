// SPDX-License-Identifier: Apache-2.0
#include "store/folder/folder_document.h"

#include <chrono>
#include <ctime>
#include <limits>

#include "clippath/core/digest.h"
#include "clippath/core/files.h"
#include "core/json/json.h"
#include "indexer/stain/profile_json.h"

namespace clippath {
namespace {

constexpr std::int64_t kFormat = 2;  // do not change: on disk
constexpr std::uintmax_t kMaxBytes = 16U << 20U;
constexpr double kLargest = std::numeric_limits<double>::max();
constexpr std::int64_t kMostPixels = 1U << 20U;
constexpr std::int64_t kMostDimensions = 65536;
constexpr std::size_t kMostLayers = 256;
constexpr std::string_view kNoQuality = "none";

std::string utc_now() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

Json to_json(const std::optional<StainRule>& stain) {
  if (!stain) return "none";
  return Json{{"scope", to_string(stain->scope)}, {"target", to_json(stain->target)}};
}

/// `"none"`, or an object with scope and target.
Result<std::optional<StainRule>> take_stain(const Json* json) {
  if (json != nullptr && *json == "none") return std::nullopt;
  const Json document = json == nullptr ? Json() : *json;
  ObjectReader reader(document, "pipelines.stain");
  const std::string scope = reader.text("scope");
  const Json* target = reader.any("target");
  CLIPPATH_TRY_VOID(reader.finish());
  StainRule rule;
  CLIPPATH_TRY(rule.scope, parse_stain_scope(scope));
  CLIPPATH_TRY(rule.target, stain_profile_from_json(target == nullptr ? Json() : *target));
  return rule;
}

Json to_json(const AttentionRule& rule) {
  Json json{{"network", rule.network},
            {"mode", to_string(rule.mode)},
            {"heads", to_string(rule.heads)},
            {"layers", rule.layers},
            {"keep", rule.keep}};
  if (rule.target_keep) {
    json["target_keep"] = *rule.target_keep;
  } else {
    json["threshold"] = rule.threshold;
  }
  return json;
}

/// Nothing where there is no such key.
Result<std::optional<AttentionRule>> take_attention(const Json* json) {
  if (json == nullptr) return std::nullopt;
  ObjectReader reader(*json, "pipelines.attention");
  AttentionRule rule;
  rule.network = reader.text("network");
  const std::string mode = reader.text("mode");
  const std::string heads = reader.text("heads");
  for (const double layer : reader.optional_numbers("layers", kMostLayers)) {
    const bool is_layer = layer >= 0 && layer < kMostLayers;
    if (!is_layer) reader.reject("layers", "must hold layers from 0 up");
    rule.layers.push_back(is_layer ? static_cast<std::int64_t>(layer) : 0);
  }
  rule.keep = reader.number("keep", 0, 1);
  rule.target_keep = reader.optional_number("target_keep", 0, 1);
  if (!rule.target_keep) rule.threshold = reader.number("threshold", -kLargest, kLargest);
  CLIPPATH_TRY_VOID(reader.finish());
  CLIPPATH_TRY(rule.mode, parse_attention_mode(mode));
  CLIPPATH_TRY(rule.heads, parse_attention_heads(heads));
  return rule;
}

Json to_json(const PipelineDocument& pipeline) {
  Json json{{"field_of_view", pipeline.field_of_view},    {"overlap", pipeline.overlap},
            {"picture_px", pipeline.picture_px},          {"resample", pipeline.resample},
            {"stain", to_json(pipeline.stain)},           {"tissue", pipeline.tissue},
            {"min_tissue", pipeline.min_tissue},          {"max_white", pipeline.max_white},
            {"white_threshold", pipeline.white_threshold}};
  // Absent where it is off: such a pipeline keeps the id that it had before there was a filter.
  if (pipeline.attention) json["attention"] = to_json(*pipeline.attention);
  // Only where they are not the default: the ids of pipelines from before they existed stay.
  if (pipeline.edge != PipelineDocument().edge) json["edge"] = pipeline.edge;
  if (pipeline.allow_upsampling) json["allow_upsampling"] = true;
  // A document without the key means none, so that ids of older runs stand.
  if (pipeline.quality != kNoQuality) json["quality"] = pipeline.quality;
  return json;
}

Result<PipelineDocument> take_pipeline(const Json& json) {
  ObjectReader reader(json, "pipelines");
  PipelineDocument pipeline;
  pipeline.field_of_view = reader.text("field_of_view");
  pipeline.overlap = reader.number("overlap", -kLargest, kLargest);
  pipeline.picture_px = static_cast<int>(reader.integer("picture_px", 0, kMostPixels));
  pipeline.resample = reader.text("resample");
  CLIPPATH_TRY(pipeline.stain, take_stain(reader.any("stain")));
  pipeline.tissue = reader.text("tissue");
  pipeline.min_tissue = reader.number("min_tissue", -kLargest, kLargest);
  pipeline.max_white = reader.number("max_white", -kLargest, kLargest);
  pipeline.white_threshold = static_cast<int>(reader.integer("white_threshold", 0, kMostPixels));
  CLIPPATH_TRY(pipeline.attention, take_attention(reader.any("attention")));
  pipeline.edge = reader.optional_text("edge").value_or(pipeline.edge);
  pipeline.allow_upsampling = reader.optional_boolean("allow_upsampling").value_or(false);
  pipeline.quality = reader.optional_text("quality").value_or(std::string(kNoQuality));
  CLIPPATH_TRY_VOID(reader.finish());
  return pipeline;
}

Result<EncoderEntry> take_encoder(const Json& json) {
  ObjectReader reader(json, "encoders");
  EncoderEntry encoder;
  encoder.id = EncoderId(reader.text("id"));
  encoder.name = reader.text("name");
  encoder.dimension = static_cast<std::size_t>(reader.integer("dimension", 1, kMostDimensions));
  CLIPPATH_TRY_VOID(reader.finish());
  return encoder;
}

template <class Item, class Take>
Result<std::vector<Item>> take_list(ObjectReader& reader, const char* key, Take take) {
  std::vector<Item> items;
  const Json* list = reader.any(key);
  if (list == nullptr || !list->is_array()) {
    reader.reject(key, "must be a list");
    return items;
  }
  for (const Json& json : *list) {
    CLIPPATH_TRY(Item item, take(json));
    items.push_back(std::move(item));
  }
  return items;
}

/// 16 hex digits.
std::string hash_id(std::string_view text) {
  const std::uint64_t hash = xxh3(text);
  std::array<std::uint8_t, 8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(hash >> (56 - 8 * i));
  return to_hex(bytes);
}

/// A newer program may have added what this one does not know, so the version comes first.
Result<void> check_format(const Json& json) {
  const auto format = json.is_object() ? json.find("format") : json.end();
  if (format == json.end() || !format->is_number_integer())
    return fail(ErrorKind::kCorruption, "format: must be a whole number");
  if (*format == 1) {
    return fail(ErrorKind::kUnsupported,
                "was made by clippath 0.1.0, whose records this program does not read; index the "
                "slides again into a new folder");
  }
  if (*format > kFormat) {
    return fail(ErrorKind::kUnsupported, "has format version " + format->dump() +
                                             ", this program reads " + std::to_string(kFormat) +
                                             "; use a newer clippath");
  }
  return {};
}

Result<FolderDocument> parse_document(const std::string& text) {
  JsonLimits limits;
  limits.max_bytes = kMaxBytes;
  CLIPPATH_TRY(const Json json, parse_json(text, limits));
  CLIPPATH_TRY_VOID(check_format(json));
  ObjectReader reader(json, "");
  reader.integer("format", kFormat, kFormat);
  FolderDocument document;
  document.created = reader.text("created");
  document.profile = reader.text("profile");
  CLIPPATH_TRY(document.encoders, take_list<EncoderEntry>(reader, "encoders", take_encoder));
  CLIPPATH_TRY(document.pipelines, take_list<PipelineDocument>(reader, "pipelines", take_pipeline));
  CLIPPATH_TRY_VOID(reader.finish());
  return document;
}

}  // namespace

std::string PipelineDocument::id() const { return hash_id(text()); }

std::string PipelineDocument::stain_id() const {
  return stain ? hash_id(to_text(to_json(stain))) : "none";
}

std::string PipelineDocument::text() const { return to_text(to_json(*this)); }

Result<PipelineDocument> PipelineDocument::parse(std::string_view text) {
  CLIPPATH_TRY(const Json json, parse_json(text));
  return take_pipeline(json);
}

FolderDocument new_folder_document() {
  FolderDocument document;
  document.created = utc_now();
  return document;
}

Result<FolderDocument> read_folder_document(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / kFolderDocumentName;
  CLIPPATH_TRY(const std::string text, read_text_file(path, kMaxBytes));
  auto document = parse_document(text);
  if (document) return document;
  Error error = document.error().within(path.string());
  if (error.kind != ErrorKind::kUnsupported) {
    error.kind = ErrorKind::kCorruption;
    error.message += "; restore the file from a copy of the folder";
  }
  return fail(std::move(error));
}

Result<void> write_folder_document(const std::filesystem::path& folder,
                                   const FolderDocument& document) {
  Json json{{"format", kFormat}, {"created", document.created}, {"profile", document.profile}};
  json["encoders"] = Json::array();
  for (const EncoderEntry& encoder : document.encoders) {
    json["encoders"].push_back(
        Json{{"id", encoder.id.value}, {"name", encoder.name}, {"dimension", encoder.dimension}});
  }
  json["pipelines"] = Json::array();
  for (const PipelineDocument& pipeline : document.pipelines)
    json["pipelines"].push_back(to_json(pipeline));
  const std::string text = to_text(json, 2) + "\n";
  return write_file_durably(folder / kFolderDocumentName,
                            {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

}  // namespace clippath
