// SPDX-License-Identifier: Apache-2.0
#include "worker/protocol/feature_message.h"

#include <cstring>
#include <limits>
#include <string>
#include <utility>

namespace clippath::worker {
namespace {

constexpr std::size_t kMostAttributes = 256;
constexpr std::int64_t kMostWhole = std::numeric_limits<std::int64_t>::max();
constexpr double kMostNumber = std::numeric_limits<double>::max();

/// Names an attribute's type; its value stands under that name.
struct AttributeToJson {
  Json operator()(std::int64_t value) const { return {{"whole", value}}; }
  Json operator()(double value) const { return {{"number", value}}; }
  Json operator()(const std::string& value) const { return {{"text", value}}; }
  Json operator()(const std::array<std::int64_t, 2>& value) const {
    return {{"whole", value[0]}, {"second_whole", value[1]}};
  }
  Json operator()(const std::array<double, 2>& value) const {
    return {{"number", value[0]}, {"second_number", value[1]}};
  }
};

FeatureAttribute value_from(ObjectReader& reader) {
  if (auto text = reader.optional_text("text")) return std::move(*text);
  if (const auto whole = reader.optional_integer("whole", -kMostWhole, kMostWhole)) {
    const auto second = reader.optional_integer("second_whole", -kMostWhole, kMostWhole);
    if (second) return std::array{*whole, *second};
    return *whole;
  }
  const double number = reader.number("number", -kMostNumber, kMostNumber);
  const auto second = reader.optional_number("second_number", -kMostNumber, kMostNumber);
  if (second) return std::array{number, *second};
  return number;
}

void read_attributes(ObjectReader& reader, FeatureFile& file) {
  const Json* list = reader.any("attributes");
  if (list == nullptr || !list->is_array() || list->size() > kMostAttributes) {
    reader.reject("attributes", "must be a list of up to " + std::to_string(kMostAttributes));
    return;
  }
  for (const Json& item : *list) {
    ObjectReader attribute(item, reader.path_of("attributes"));
    std::string name = attribute.text("name");
    FeatureAttribute value = value_from(attribute);
    if (auto fault = attribute.finish(); !fault) reader.reject(std::move(fault.error()));
    file.attributes.emplace_back(std::move(name), std::move(value));
  }
}

template <class T>
std::span<const std::uint8_t> bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(T)};
}

}  // namespace

Json to_json(const FeatureFile& file) {
  Json attributes = Json::array();
  for (const auto& [name, value] : file.attributes) {
    Json attribute = std::visit(AttributeToJson(), value);
    attribute["name"] = name;
    attributes.push_back(std::move(attribute));
  }
  return {{"rows", file.coords.size()},
          {"dimension", file.features.dimension},
          {"attributes", std::move(attributes)}};
}

std::vector<std::uint8_t> payload_of(const FeatureFile& file) {
  const auto coords = bytes_of(file.coords);
  const auto features = bytes_of(file.features.values);
  std::vector<std::uint8_t> payload;
  payload.reserve(coords.size() + features.size());
  payload.insert(payload.end(), coords.begin(), coords.end());
  payload.insert(payload.end(), features.begin(), features.end());
  return payload;
}

Result<FeatureFile> feature_file_from(const Json& body, std::span<const std::uint8_t> payload) {
  constexpr FeatureFileLimits kLimits;
  ObjectReader reader(body, {});
  FeatureFile file;
  const auto rows = static_cast<std::size_t>(
      reader.integer("rows", 0, static_cast<std::int64_t>(kLimits.max_rows)));
  const auto dimension = static_cast<std::size_t>(
      reader.integer("dimension", 0, static_cast<std::int64_t>(kLimits.max_dimension)));
  read_attributes(reader, file);
  const std::size_t coords_bytes = rows * sizeof(Level0Point);
  if (payload.size() != coords_bytes + rows * dimension * sizeof(float)) {
    reader.reject("rows", "do not fit the numbers that came with them");
  }
  CLIPPATH_TRY_VOID(reader.finish());
  file.coords.resize(rows);
  file.features = EmbeddingMatrix::zeros(rows, dimension);
  if (rows > 0) {
    std::memcpy(file.coords.data(), payload.data(), coords_bytes);
    std::memcpy(file.features.values.data(), payload.data() + coords_bytes,
                payload.size() - coords_bytes);
  }
  return file;
}

}  // namespace clippath::worker
