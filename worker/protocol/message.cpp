// SPDX-License-Identifier: Apache-2.0
#include "worker/protocol/message.h"

#include <limits>
#include <string>
#include <utility>

#include "clippath/core/ids.h"

namespace clippath::worker {
namespace {

constexpr std::int64_t kMostPixels = std::int64_t{1} << 40;
constexpr std::size_t kMostLevels = 64;
constexpr std::size_t kMostWarnings = 64;
constexpr std::size_t kMostTextBytes = 4096;
constexpr double kMostNumber = 1e9;

constexpr std::pair<std::string_view, ErrorKind> kErrorKinds[] = {
    {to_string(ErrorKind::kInvalidArgument), ErrorKind::kInvalidArgument},
    {to_string(ErrorKind::kNotFound), ErrorKind::kNotFound},
    {to_string(ErrorKind::kTooLarge), ErrorKind::kTooLarge},
    {to_string(ErrorKind::kUnsupported), ErrorKind::kUnsupported},
    {to_string(ErrorKind::kCorruption), ErrorKind::kCorruption}};

/// The kinds that a decoder fails with; any other one is a fault of the worker's.
ErrorKind kind_from(const std::string& word) {
  for (const auto& [name, kind] : kErrorKinds) {
    if (name == word) return kind;
  }
  return ErrorKind::kInternal;
}

std::optional<MppSource> mpp_source_from(std::int64_t value) {
  const auto source = static_cast<MppSource>(value);
  switch (source) {
    case MppSource::kManifest:
    case MppSource::kSlideTag:
    case MppSource::kVendorTag:
    case MppSource::kTiffResolution:
    case MppSource::kObjective:
    case MppSource::kAssumed: return source;
  }
  return std::nullopt;
}

Json list_of(const std::vector<SlideLevel>& levels) {
  Json list = Json::array();
  for (const SlideLevel& level : levels) {
    list.push_back({{"width", level.size.width},
                    {"height", level.size.height},
                    {"downsample", level.downsample}});
  }
  return list;
}

std::vector<SlideLevel> levels_from(ObjectReader& reader) {
  std::vector<SlideLevel> levels;
  const Json* list = reader.any("levels");
  if (list == nullptr || !list->is_array() || list->empty() || list->size() > kMostLevels) {
    reader.reject("levels", "must be a list of 1.." + std::to_string(kMostLevels));
    return levels;
  }
  for (const Json& item : *list) {
    ObjectReader level(item, reader.path_of("levels"));
    SlideLevel read;
    read.size.width = level.integer("width", 1, kMostPixels);
    read.size.height = level.integer("height", 1, kMostPixels);
    read.downsample = level.number("downsample", 1, kMostNumber);
    if (auto fault = level.finish(); !fault) reader.reject(std::move(fault.error()));
    levels.push_back(read);
  }
  return levels;
}

}  // namespace

Json path_body(const std::filesystem::path& path) { return {{"path", escape_id(path.string())}}; }

Result<std::filesystem::path> path_from(const Json& body) {
  ObjectReader reader(body, {});
  const std::string escaped = reader.text("path");
  CLIPPATH_TRY_VOID(reader.finish());
  return std::filesystem::path(unescape_id(escaped));
}

Json to_json(const Error& error) {
  return {{"kind", to_string(error.kind)},
          {"message", error.message},
          {"field", error.field},
          {"limit", error.limit}};
}

Error error_from(const Json& body) {
  ObjectReader reader(body, {});
  Error error;
  error.kind = kind_from(reader.text("kind"));
  error.message = reader.text("message", kMostTextBytes);
  error.field = reader.text("field", kMostTextBytes);
  error.limit = reader.text("limit", kMostTextBytes);
  if (auto fault = reader.finish(); !fault) return fault.error().within("the decoder's answer");
  return error;
}

Json to_json(const SlideInfo& info) {
  Json body = {{"vendor", info.vendor},        {"x", info.bounds.x},
               {"y", info.bounds.y},           {"width", info.bounds.width},
               {"height", info.bounds.height}, {"levels", list_of(info.levels)},
               {"warnings", info.warnings}};
  if (info.scale) {
    body["mpp"] = info.scale->mpp.value;
    body["mpp_source"] = static_cast<int>(info.scale->source);
    body["axis_ratio"] = info.scale->axis_ratio;
  }
  if (info.objective) body["objective"] = *info.objective;
  return body;
}

Result<SlideInfo> slide_info_from(const Json& body) {
  ObjectReader reader(body, {});
  SlideInfo info;
  info.vendor = reader.text("vendor", kMostTextBytes);
  info.bounds.x = reader.integer("x", 0, kMostPixels);
  info.bounds.y = reader.integer("y", 0, kMostPixels);
  info.bounds.width = reader.integer("width", 1, kMostPixels);
  info.bounds.height = reader.integer("height", 1, kMostPixels);
  info.levels = levels_from(reader);
  info.warnings = reader.optional_texts("warnings", kMostWarnings, kMostTextBytes);
  if (const auto mpp = reader.optional_number("mpp", 0.05, 20)) {
    const auto source = mpp_source_from(reader.integer("mpp_source", 1, 6));
    info.scale = SlideScale{
        {*mpp}, source.value_or(MppSource::kAssumed), reader.number("axis_ratio", 0.5, 2)};
  }
  info.objective = reader.optional_number("objective", 0, kMostNumber);
  CLIPPATH_TRY_VOID(reader.finish());
  return info;
}

Json to_json(const Region& region) {
  return {{"x", region.origin.x},
          {"y", region.origin.y},
          {"level", region.level},
          {"width", region.size.width},
          {"height", region.size.height}};
}

Result<Region> region_from(const Json& body) {
  ObjectReader reader(body, {});
  Region region;
  region.origin.x = reader.integer("x", -kMostPixels, kMostPixels);
  region.origin.y = reader.integer("y", -kMostPixels, kMostPixels);
  region.level = static_cast<int>(
      reader.integer("level", std::numeric_limits<int>::min(), std::numeric_limits<int>::max()));
  region.size.width = reader.integer("width", -kMostPixels, kMostPixels);
  region.size.height = reader.integer("height", -kMostPixels, kMostPixels);
  CLIPPATH_TRY_VOID(reader.finish());
  return region;
}

Json to_json(const PictureLimits& limits) {
  return {{"max_side_px", limits.max_side_px}, {"max_pixels", limits.max_pixels}};
}

Result<PictureLimits> picture_limits_from(const Json& body) {
  ObjectReader reader(body, {});
  PictureLimits limits;
  limits.max_side_px =
      static_cast<int>(reader.integer("max_side_px", 1, std::numeric_limits<int>::max()));
  limits.max_pixels = reader.integer("max_pixels", 1, kMostPixels);
  CLIPPATH_TRY_VOID(reader.finish());
  return limits;
}

Json to_json(PixelSize size) { return {{"width", size.width}, {"height", size.height}}; }

Result<PixelSize> pixel_size_from(const Json& body) {
  ObjectReader reader(body, {});
  PixelSize size;
  size.width = reader.integer("width", 1, std::numeric_limits<int>::max());
  size.height = reader.integer("height", 1, std::numeric_limits<int>::max());
  CLIPPATH_TRY_VOID(reader.finish());
  return size;
}

}  // namespace clippath::worker
