// SPDX-License-Identifier: Apache-2.0
#include "store/generation/generation_manifest.h"

#include <array>
#include <charconv>

#include "clippath/core/digest.h"
#include "core/json/json.h"

namespace clippath {
namespace {

// Do not change the values below: on disk.
constexpr std::int64_t kFormat = 1;
constexpr const char* kMetric = "ip";
constexpr const char* kVectorsName = "vectors.faiss";
constexpr const char* kVectorsType = "SQfp16";

constexpr std::size_t kHashDigits = 16;
constexpr std::size_t kSha256Digits = 64;
constexpr std::int64_t kMostDimensions = 65536;

std::string hash_text(std::uint64_t hash) {
  std::array<std::uint8_t, 8> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(hash >> (56 - 8 * i));
  return to_hex(bytes);
}

std::uint64_t take_hash(ObjectReader& reader, const char* key) {
  const std::string text = reader.text(key, kHashDigits);
  std::uint64_t hash = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, hash, 16);
  if (text.size() != kHashDigits || error != std::errc() || rest != end)
    reader.reject(key, "must be 16 hex digits");
  return hash;
}

std::uint64_t take_count(ObjectReader& reader, const char* key, std::int64_t least) {
  return static_cast<std::uint64_t>(reader.integer(key, least, INT64_MAX));
}

Result<GenerationFile> take_file(const Json& json) {
  ObjectReader reader(json, "files");
  GenerationFile file;
  file.name = reader.text("name");
  file.type = reader.text("type");
  file.size_bytes = take_count(reader, "bytes", 0);
  file.sha256 = reader.text("sha256", kSha256Digits);
  // The name becomes a path: only the one that we write.
  if (file.name != kVectorsName) reader.reject("name", "must be vectors.faiss");
  if (file.type != kVectorsType) reader.reject("type", "must be SQfp16");
  CLIPPATH_TRY_VOID(reader.finish());
  return file;
}

Result<GenerationManifest> from_json(const Json& json) {
  ObjectReader reader(json, "");
  reader.integer("format", kFormat, kFormat);
  GenerationManifest manifest;
  const std::size_t collection = reader.choice("collection", {"patches", "reports"}, 0);
  manifest.collection = collection == 0 ? Collection::kPatches : Collection::kReports;
  manifest.generation = take_count(reader, "generation", 1);
  manifest.encoder = EncoderId(reader.text("encoder_id"));
  manifest.dimension = static_cast<std::size_t>(reader.integer("dim", 1, kMostDimensions));
  reader.choice("metric", {kMetric}, 0);
  manifest.rows = reader.integer("rows", 1, INT64_MAX);
  manifest.sequence = take_count(reader, "seq_last", 0);
  manifest.ids_hash = take_hash(reader, "ids_hash");
  const Json* files = reader.any("files");
  if (files == nullptr || !files->is_array() || files->size() != 1) {
    reader.reject("files", "must be a list of one file");
  } else {
    CLIPPATH_TRY(manifest.vectors, take_file(files->front()));
  }
  CLIPPATH_TRY_VOID(reader.finish());
  return manifest;
}

}  // namespace

void IdsHash::add(std::string_view id) {
  std::string covered;
  covered.reserve(sizeof value_ + id.size());
  for (unsigned i = 0; i < sizeof value_; ++i)
    covered += static_cast<char>(static_cast<std::uint8_t>(value_ >> (8 * i)));
  covered += id;
  value_ = xxh3(covered);
}

std::string encode_manifest(const GenerationManifest& manifest) {
  const Json file{{"name", kVectorsName},
                  {"type", kVectorsType},
                  {"bytes", manifest.vectors.size_bytes},
                  {"sha256", manifest.vectors.sha256}};
  const Json json{{"format", kFormat},
                  {"collection", std::string(to_string(manifest.collection))},
                  {"generation", manifest.generation},
                  {"encoder_id", manifest.encoder.value},
                  {"dim", manifest.dimension},
                  {"metric", kMetric},
                  {"rows", manifest.rows},
                  {"seq_last", manifest.sequence},
                  {"ids_hash", hash_text(manifest.ids_hash)},
                  {"files", Json::array({file})}};
  return to_text(json, 2) + "\n";
}

Result<GenerationManifest> decode_manifest(std::string_view text) {
  const auto json = parse_json(text);
  auto manifest = json ? from_json(*json) : Result<GenerationManifest>(fail(json.error()));
  if (manifest) return manifest;
  return fail(ErrorKind::kCorruption, manifest.error().message);
}

}  // namespace clippath
