// SPDX-License-Identifier: Apache-2.0
#include "encoder/weights/model_config.h"

#include "clippath/core/files.h"
#include "encoder/weights/conch_config.h"
#include "encoder/weights/config_reader.h"
#include "encoder/weights/hugging_face_config.h"
#include "encoder/weights/model_files.h"
#include "encoder/weights/open_clip_config.h"
#include "encoder/weights/timm_config.h"

namespace clippath {
namespace {

constexpr std::uintmax_t kMaxConfigBytes = 1U << 20U;
constexpr std::size_t kMaxConfigKeys = 65'536;  // a classifier's labels stand in there

Result<Json> read_config(const std::filesystem::path& path) {
  CLIPPATH_TRY(const auto text, read_text_file(path, kMaxConfigBytes));
  auto json = parse_json(text, {.max_bytes = kMaxConfigBytes, .max_keys = kMaxConfigKeys});
  if (!json) return fail(json.error().within(path.string()));
  return json;
}

/// `config.json` of Hugging Face, timm or CONCH.
Result<ModelConfig> parse_config(const Json& json, const TensorTable& tensors) {
  ConfigReader reader(json, "");
  if (reader.any("architecture") != nullptr) return parse_timm_config(json, tensors);
  if (is_conch_config(json)) return parse_conch_config(json);
  const std::string type = reader.text("model_type", "");
  if (type == "vision-text-dual-encoder") return parse_dual_encoder_config(json, tensors);
  if (type == "clip") return parse_clip_config(json);
  if (type == "bert") return parse_bert_config(json, tensors);
  if (type == "vit" || type == "dino_vit" || type == "dinov2" || type == "dinov2_with_registers") {
    return parse_image_config(json, tensors);
  }
  reader.unsupported("model_type", type.empty() ? "missing" : type,
                     "vision-text-dual-encoder, clip, bert, vit, dino_vit, dinov2 and "
                     "dinov2_with_registers");
  CLIPPATH_TRY_VOID(reader.finish());
  return ModelConfig{};
}

}  // namespace

Result<ModelConfig> load_model_config(const std::filesystem::path& folder, const ModelCard& card) {
  const bool open_clip = is_open_clip(folder);
  const auto path = folder / config_file_name(folder);
  CLIPPATH_TRY(const Json json, read_config(path));
  CLIPPATH_TRY(const Weights weights, open_weights(folder));
  auto config = open_clip ? parse_open_clip_config(json, weights.tensors())
                          : parse_config(json, weights.tensors());
  if (!config) return fail(config.error().within(path.string()));
  if (!card.text_pooling || !config->text) return config;
  if (config->text->is_clip()) {
    return fail(ErrorKind::kInvalidArgument,
                (folder / "clippath.json").string() +
                    ": text_pooling: this text tower has one way only; leave the key out");
  }
  config->text->pooling = *card.text_pooling;
  return config;
}

Result<std::size_t> text_token_limit(const ModelCard& card, const TextConfig& config) {
  const std::int64_t room = config.text_positions();
  const std::int64_t most = config.context > 0 ? config.context : room;
  const std::int64_t limit = card.max_text_tokens > 0 ? card.max_text_tokens : most;
  if (limit < 2 || limit > room) {
    return fail(ErrorKind::kInvalidArgument, "texts of " + std::to_string(limit) +
                                                 " tokens do not fit the text tower's " +
                                                 std::to_string(room) + " positions");
  }
  return static_cast<std::size_t>(limit);
}

Result<VisionConfig> load_attention_config(const std::filesystem::path& folder) {
  const auto path = folder / "config.json";
  CLIPPATH_TRY(const Json json, read_config(path));
  auto config = parse_attention_config(json);
  if (!config) return fail(config.error().within(path.string()));
  return config;
}

}  // namespace clippath
