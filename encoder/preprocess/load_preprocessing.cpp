// SPDX-License-Identifier: Apache-2.0
#include "clippath/core/files.h"
#include "encoder/preprocess/preprocess_config.h"

namespace clippath {
namespace {

constexpr std::uintmax_t kMaxConfigBytes = 1U << 20U;

using Parser = Result<Preprocessing> (*)(const Json&);

Result<Json> read_json(const std::filesystem::path& path) {
  CLIPPATH_TRY(const auto text, read_text_file(path, kMaxConfigBytes));
  auto json = parse_json(text, {.max_bytes = kMaxConfigBytes, .max_keys = 65'536});
  if (!json) return fail(json.error().within(path.string()));
  return json;
}

Result<Preprocessing> read_with(const std::filesystem::path& path, Parser parse) {
  CLIPPATH_TRY(const Json json, read_json(path));
  auto preprocessing = parse(json);
  if (!preprocessing) return fail(preprocessing.error().within(path.string()));
  return preprocessing;
}

bool has(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

}  // namespace

Result<Preprocessing> load_preprocessing(const std::filesystem::path& folder) {
  const auto open_clip = folder / "open_clip_config.json";
  if (has(open_clip)) return read_with(open_clip, parse_open_clip_preprocessing);
  const auto config = folder / "config.json";
  if (has(config)) {
    CLIPPATH_TRY(const Json json, read_json(config));
    const bool is_timm = json.is_object() && json.contains("architecture");
    if (is_timm) return read_with(config, parse_timm_preprocessing);
    const bool is_conch = json.is_object() && json.contains("embed_dim_caption");
    if (is_conch) return read_with(config, parse_conch_preprocessing);
  }
  return read_with(folder / "preprocessor_config.json", parse_hugging_face_preprocessing);
}

}  // namespace clippath
