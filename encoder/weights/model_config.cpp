// SPDX-License-Identifier: Apache-2.0
#include "encoder/weights/model_config.h"

#include "clippath/core/files.h"

namespace clippath {
namespace {

constexpr std::uintmax_t kMaxConfigBytes = 1U << 20U;
constexpr std::int64_t kMaxWidth = 16'384;
constexpr std::int64_t kMaxLayers = 256;

/// One object of Hugging Face's config. Many of its keys concern training or generation only, so
/// unknown ones are let through; those that change the arithmetic are asked for below.
class ConfigReader {
 public:
  ConfigReader(const Json& json, const std::string& path) : json_(json), fields_(json, path) {}

  std::int64_t size(const char* key, std::int64_t most, std::int64_t fallback) {
    return fields_.optional_integer(key, 1, most).value_or(fallback);
  }
  double number(const char* key, double least, double most, double fallback) {
    return fields_.optional_number(key, least, most).value_or(fallback);
  }
  std::string text(const char* key, const std::string& fallback) {
    return fields_.optional_text(key, 256).value_or(fallback);
  }
  const Json* any(const char* key) { return fields_.any(key); }
  [[nodiscard]] std::string path_of(const char* key) const { return fields_.path_of(key); }

  void require(const char* key, const std::string& is, const std::string& must_be) {
    if (is != must_be) unsupported(key, is, must_be);
  }
  void require(const char* key, std::int64_t is, std::int64_t must_be) {
    if (is != must_be) unsupported(key, std::to_string(is), std::to_string(must_be));
  }
  void require_boolean(const char* key, bool must_be) {
    const bool is = fields_.optional_boolean(key).value_or(must_be);
    if (is != must_be) unsupported(key, is ? "true" : "false", must_be ? "true" : "false");
  }
  void reject(const char* key, const std::string& message) { fields_.reject(key, message); }
  void unsupported(const char* key, const std::string& is, const std::string& must_be) {
    fields_.reject(Error{ErrorKind::kUnsupported,
                         path_of(key) + ": is " + is + "; this program reads " + must_be,
                         path_of(key), must_be});
  }

  Result<void> finish() {
    if (json_.is_object()) {
      for (const auto& item : json_.items()) fields_.any(item.key().c_str());
    }
    return fields_.finish();
  }

 private:
  const Json& json_;
  ObjectReader fields_;
};

Activation read_activation(ConfigReader& reader, const std::string& fallback) {
  const std::string name = reader.text("hidden_act", fallback);
  if (name == "quick_gelu") return Activation::kQuickGelu;
  if (name != "gelu") reader.unsupported("hidden_act", name, "gelu or quick_gelu");
  return Activation::kGelu;
}

void check_heads(ConfigReader& reader, const char* key, const TowerConfig& tower,
                 const std::string& width_key) {
  if (tower.width % tower.heads == 0) return;
  reader.reject(key, "must divide " + width_key + ", " + std::to_string(tower.width));
}

TowerConfig read_tower(ConfigReader& reader, const std::string& activation, double norm_epsilon) {
  TowerConfig tower;
  tower.width = reader.size("hidden_size", kMaxWidth, 768);
  tower.layers = reader.size("num_hidden_layers", kMaxLayers, 12);
  tower.heads = reader.size("num_attention_heads", kMaxWidth, 12);
  tower.inner_width = reader.size("intermediate_size", 8 * kMaxWidth, 3072);
  tower.activation = read_activation(reader, activation);
  tower.norm_epsilon = reader.number("layer_norm_eps", 0, 1, norm_epsilon);
  check_heads(reader, "num_attention_heads", tower, "hidden_size");
  return tower;
}

/// The keys of facebookresearch/dino's constructor, with the values of its ViT-S/16.
TowerConfig read_dino_tower(ConfigReader& reader) {
  TowerConfig tower;
  tower.width = reader.size("embed_dim", kMaxWidth, 384);
  tower.layers = reader.size("depth", kMaxLayers, 12);
  tower.heads = reader.size("num_heads", kMaxWidth, 6);
  tower.inner_width = static_cast<std::int64_t>(static_cast<double>(tower.width) *
                                                reader.number("mlp_ratio", 1, 8, 4));
  tower.activation = read_activation(reader, "gelu");
  tower.norm_epsilon = reader.number("layer_norm_eps", 0, 1, 1e-6);
  check_heads(reader, "num_heads", tower, "embed_dim");
  return tower;
}

void read_patches(ConfigReader& reader, std::int64_t patch_size, VisionConfig& vision) {
  reader.require("num_channels", reader.size("num_channels", 64, 3), 3);
  vision.image_size = reader.size("image_size", 4096, 224);
  vision.patch_size = reader.size("patch_size", 4096, patch_size);
  if (vision.image_size % vision.patch_size != 0) {
    reader.reject("patch_size", "must divide image_size, " + std::to_string(vision.image_size));
  }
}

Result<VisionConfig> parse_vision_config(const Json& json, const std::string& path) {
  ConfigReader reader(json, path);
  VisionConfig vision;
  const std::string type = reader.text("model_type", "");
  if (type == "vit") {
    vision.kind = VisionKind::kVit;
    vision.tower = read_tower(reader, "gelu", 1e-12);
    reader.require_boolean("qkv_bias", true);
    reader.require("pooler_act", reader.text("pooler_act", "tanh"), "tanh");
    reader.require("pooler_output_size",
                   reader.size("pooler_output_size", kMaxWidth, vision.tower.width),
                   vision.tower.width);
  } else {
    reader.require("model_type", type, "clip_vision_model");
    vision.tower = read_tower(reader, "quick_gelu", 1e-5);
  }
  read_patches(reader, vision.kind == VisionKind::kClip ? 32 : 16, vision);
  CLIPPATH_TRY_VOID(reader.finish());
  return vision;
}

Result<Json> read_config(const std::filesystem::path& path) {
  CLIPPATH_TRY(const auto text, read_text_file(path, kMaxConfigBytes));
  auto json = parse_json(text, {.max_bytes = kMaxConfigBytes});
  if (!json) return fail(json.error().within(path.string()));
  return json;
}

}  // namespace

Result<TextConfig> parse_text_config(const Json& json, const std::string& path) {
  ConfigReader reader(json, path);
  TextConfig text;
  reader.require("model_type", reader.text("model_type", ""), "bert");
  text.tower = read_tower(reader, "gelu", 1e-12);
  text.vocabulary_size = reader.size("vocab_size", 10'000'000, text.vocabulary_size);
  text.positions = reader.size("max_position_embeddings", 1'000'000, text.positions);
  text.token_types = reader.size("type_vocab_size", 1024, text.token_types);
  reader.require("position_embedding_type", reader.text("position_embedding_type", "absolute"),
                 "absolute");
  reader.require_boolean("is_decoder", false);
  reader.require_boolean("add_cross_attention", false);
  CLIPPATH_TRY_VOID(reader.finish());
  return text;
}

Result<ModelConfig> parse_model_config(const Json& json) {
  ConfigReader reader(json, "");
  ModelConfig config;
  reader.require("model_type", reader.text("model_type", ""), "vision-text-dual-encoder");
  config.dimension = reader.size("projection_dim", kMaxWidth, config.dimension);
  const Json* vision = reader.any("vision_config");
  const Json* text = reader.any("text_config");
  if (vision == nullptr) reader.reject("vision_config", "is missing");
  if (text == nullptr) reader.reject("text_config", "is missing");
  CLIPPATH_TRY_VOID(reader.finish());
  CLIPPATH_TRY(config.vision, parse_vision_config(*vision, reader.path_of("vision_config")));
  CLIPPATH_TRY(config.text, parse_text_config(*text, reader.path_of("text_config")));
  return config;
}

Result<std::size_t> text_token_limit(const ModelCard& card, const TextConfig& config) {
  const std::int64_t limit = card.max_text_tokens > 0 ? card.max_text_tokens : config.positions;
  if (limit < 2 || limit > config.positions) {
    return fail(ErrorKind::kInvalidArgument, "texts of " + std::to_string(limit) +
                                                 " tokens do not fit the text tower's " +
                                                 std::to_string(config.positions) + " positions");
  }
  return static_cast<std::size_t>(limit);
}

Result<ModelConfig> load_model_config(const std::filesystem::path& folder) {
  const auto path = folder / "config.json";
  CLIPPATH_TRY(const Json json, read_config(path));
  auto config = parse_model_config(json);
  if (!config) return fail(config.error().within(path.string()));
  return config;
}

Result<VisionConfig> parse_attention_config(const Json& json) {
  ConfigReader reader(json, "");
  const std::string type = reader.text("model_type", "");
  if (type == "vit") {
    CLIPPATH_TRY(VisionConfig vision, parse_vision_config(json, ""));
    vision.pooler = false;
    return vision;
  }
  if (type != "dino_vit") reader.unsupported("model_type", type, "dino_vit or vit");
  VisionConfig vision;
  vision.kind = VisionKind::kDino;
  vision.pooler = false;
  vision.tower = read_dino_tower(reader);
  reader.require_boolean("qkv_bias", true);
  read_patches(reader, 16, vision);
  CLIPPATH_TRY_VOID(reader.finish());
  return vision;
}

Result<VisionConfig> load_attention_config(const std::filesystem::path& folder) {
  const auto path = folder / "config.json";
  CLIPPATH_TRY(const Json json, read_config(path));
  auto config = parse_attention_config(json);
  if (!config) return fail(config.error().within(path.string()));
  return config;
}

}  // namespace clippath
