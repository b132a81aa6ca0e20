// SPDX-License-Identifier: Apache-2.0
#include "encoder/weights/hugging_face_config.h"

#include <array>
#include <string_view>

#include "encoder/weights/config_reader.h"
#include "encoder/weights/tensor_names.h"

namespace clippath {
namespace {

// OpenAI's files name 2 as the end of a text, which it is not; transformers then takes the largest
// number.
constexpr std::int64_t kNoEndToken = 2;

TowerConfig read_tower(ConfigReader& reader, const TowerConfig& defaults) {
  TowerConfig tower;
  tower.width = reader.size("hidden_size", kMaxWidth, defaults.width);
  tower.layers = reader.size("num_hidden_layers", kMaxLayers, defaults.layers);
  tower.heads = reader.size("num_attention_heads", kMaxWidth, defaults.heads);
  tower.inner_width = reader.size("intermediate_size", 8 * kMaxWidth, defaults.inner_width);
  tower.activation = reader.activation("hidden_act", defaults.activation);
  tower.norm_epsilon = reader.number("layer_norm_eps", 0, 1, defaults.norm_epsilon);
  reader.check_heads("num_attention_heads", tower, "hidden_size");
  return tower;
}

/// Inner width of DINOv2's gated perceptron: two thirds of the other's, rounded up to eights.
std::int64_t gated_width(std::int64_t inner_width) { return (inner_width * 2 / 3 + 7) / 8 * 8; }

/// Sizes of an image tower as its constructor takes them.
TowerConfig read_tower_by_ratio(ConfigReader& reader, const TowerConfig& defaults,
                                const char* width, const char* layers, const char* heads) {
  TowerConfig tower;
  tower.width = reader.size(width, kMaxWidth, defaults.width);
  tower.layers = reader.size(layers, kMaxLayers, defaults.layers);
  tower.heads = reader.size(heads, kMaxWidth, defaults.heads);
  tower.inner_width = static_cast<std::int64_t>(static_cast<double>(tower.width) *
                                                reader.number("mlp_ratio", 1, 8, 4));
  tower.activation = reader.activation("hidden_act", Activation::kGelu);
  tower.norm_epsilon = reader.number("layer_norm_eps", 0, 1, 1e-6);
  reader.check_heads(heads, tower, width);
  return tower;
}

VisionConfig read_vit(ConfigReader& reader) {
  VisionConfig vision{.family = VisionFamily::kVit};
  vision.tower = read_tower(reader, {});
  reader.require_boolean("qkv_bias", true);
  return vision;
}

VisionConfig read_dinov2(ConfigReader& reader, bool registers) {
  VisionConfig vision{.family = VisionFamily::kDinov2, .layer_scale = true};
  vision.tower =
      read_tower_by_ratio(reader, {}, "hidden_size", "num_hidden_layers", "num_attention_heads");
  if (reader.boolean("use_swiglu_ffn", false)) {
    vision.tower.activation = Activation::kSwiGlu;
    vision.tower.inner_width = gated_width(vision.tower.inner_width);
  }
  if (registers) {
    vision.registers = reader.size("num_register_tokens", 64, 4);
    vision.position_scale = PositionScale::kAntialiased;
  }
  reader.require_boolean("qkv_bias", true);
  return vision;
}

VisionConfig read_clip_vision(ConfigReader& reader) {
  VisionConfig vision{.family = VisionFamily::kClip, .patch_size = 32};
  vision.tower = read_tower(reader, {.activation = Activation::kQuickGelu, .norm_epsilon = 1e-5});
  return vision;
}

/// facebookresearch/dino's, with the sizes of its ViT-S/16.
VisionConfig read_dino(ConfigReader& reader) {
  VisionConfig vision{.family = VisionFamily::kTimm, .position_scale = PositionScale::kDino};
  vision.tower =
      read_tower_by_ratio(reader, {.width = 384, .heads = 6}, "embed_dim", "depth", "num_heads");
  reader.require_boolean("qkv_bias", true);
  return vision;
}

/// A tower whose class token is looked at.
VisionConfig read_image_tower(ConfigReader& reader, const std::string& type) {
  if (type == "vit") return read_vit(reader);
  if (type == "dino_vit") return read_dino(reader);
  return read_dinov2(reader, type == "dinov2_with_registers");
}

Result<VisionConfig> finish_vision(ConfigReader& reader, VisionConfig vision) {
  reader.require("num_channels", reader.size("num_channels", 64, 3), 3);
  reader.read_patches(vision);
  CLIPPATH_TRY_VOID(reader.finish());
  return vision;
}

/// The first of the prefixes under which the tensor lies; the first where none does, so that its
/// name is in the message about what is missing.
template <std::size_t kCount>
std::string prefix_of(const TensorTable& tensors, const std::array<std::string_view, kCount>& all,
                      const std::string& name) {
  for (const std::string_view prefix : all) {
    if (tensors.contains(std::string(prefix) + name)) return std::string(prefix);
  }
  return std::string(all.front());
}

/// The image tower of a dual encoder.
Result<VisionConfig> parse_vision_config(const Json& json, const std::string& path,
                                         const TensorTable& tensors) {
  ConfigReader reader(json, path);
  const std::string type = reader.text("model_type", "");
  if (type == "clip_vision_model") {
    VisionConfig vision = read_clip_vision(reader);
    // Older versions of transformers wrapped this tower once more.
    constexpr std::array<std::string_view, 2> kPrefixes = {"vision_model.vision_model.",
                                                           "vision_model."};
    vision.prefix =
        prefix_of(tensors, kPrefixes, names_of(vision.family, vision.tower.activation).positions);
    return finish_vision(reader, vision);
  }
  reader.require("model_type", type, "vit");
  VisionConfig vision = read_vit(reader);
  vision.prefix = "vision_model.";
  vision.pooler = true;
  reader.require("pooler_act", reader.text("pooler_act", "tanh"), "tanh");
  reader.require("pooler_output_size",
                 reader.size("pooler_output_size", kMaxWidth, vision.tower.width),
                 vision.tower.width);
  return finish_vision(reader, vision);
}

Result<TextConfig> parse_bert(const Json& json, const std::string& path) {
  ConfigReader reader(json, path);
  TextConfig text;
  reader.require("model_type", reader.text("model_type", ""), "bert");
  text.tower = read_tower(reader, {});
  text.vocabulary_size = reader.size("vocab_size", kMaxVocabulary, text.vocabulary_size);
  text.positions = reader.size("max_position_embeddings", kMaxPositions, text.positions);
  text.token_types = reader.size("type_vocab_size", 1024, text.token_types);
  reader.require("position_embedding_type", reader.text("position_embedding_type", "absolute"),
                 "absolute");
  reader.require_boolean("is_decoder", false);
  reader.require_boolean("add_cross_attention", false);
  CLIPPATH_TRY_VOID(reader.finish());
  return text;
}

Result<TextConfig> parse_clip_text(const Json& json, const std::string& path) {
  ConfigReader reader(json, path);
  TextConfig text{.family = TextFamily::kClip, .prefix = "text_model."};
  text.tower = read_tower(reader, {.width = 512,
                                   .heads = 8,
                                   .inner_width = 2048,
                                   .activation = Activation::kQuickGelu,
                                   .norm_epsilon = 1e-5});
  text.vocabulary_size = reader.size("vocab_size", kMaxVocabulary, 49'408);
  text.positions = reader.size("max_position_embeddings", kMaxPositions, 77);
  text.token_types = 0;
  text.pooling = TextPooling::kEnd;
  const std::int64_t end = reader.size("eos_token_id", kMaxVocabulary, 49'407);
  if (end != kNoEndToken) text.end_token = end;
  CLIPPATH_TRY_VOID(reader.finish());
  return text;
}

Result<VisionConfig> parse_clip_vision(const Json& json, const std::string& path) {
  ConfigReader reader(json, path);
  VisionConfig vision = read_clip_vision(reader);
  vision.prefix = "vision_model.";
  return finish_vision(reader, vision);
}

const Json* required(ConfigReader& reader, const char* key) {
  const Json* value = reader.any(key);
  if (value == nullptr) reader.reject(key, "is missing");
  return value;
}

/// Older files have a tower's sizes twice; transformers takes those under the second name.
const Json* tower_config(ConfigReader& reader, const char* key, const char* older_key) {
  const Json* older = reader.any(older_key);
  if (older == nullptr || !older->is_object()) return required(reader, key);
  reader.any(key);
  return older;
}

std::string class_name(const Json& json, const std::string& fallback) {
  if (!json.is_object()) return fallback;
  const auto names = json.find("architectures");
  if (names == json.end() || !names->is_array() || names->size() != 1) return fallback;
  return names->front().is_string() ? names->front().get<std::string>() : fallback;
}

void add_linear_projections(ModelConfig& config) {
  config.vision_projection.products = {{"visual_projection.weight", config.dimension}};
  config.text_projection.products = {{"text_projection.weight", config.dimension}};
}

}  // namespace

Result<ModelConfig> parse_dual_encoder_config(const Json& json, const TensorTable& tensors) {
  ConfigReader reader(json, "");
  ModelConfig config;
  config.layout = "VisionTextDualEncoderModel";
  config.dimension = reader.size("projection_dim", kMaxWidth, config.dimension);
  const Json* vision = required(reader, "vision_config");
  const Json* text = required(reader, "text_config");
  CLIPPATH_TRY_VOID(reader.finish());
  CLIPPATH_TRY(config.vision, parse_vision_config(*vision, "vision_config", tensors));
  CLIPPATH_TRY(config.text, parse_bert(*text, "text_config"));
  config.text->prefix = "text_model.";
  add_linear_projections(config);
  return config;
}

Result<ModelConfig> parse_clip_config(const Json& json) {
  ConfigReader reader(json, "");
  ModelConfig config;
  config.layout = "CLIPModel";
  config.dimension = reader.size("projection_dim", kMaxWidth, config.dimension);
  const Json* vision = tower_config(reader, "vision_config", "vision_config_dict");
  const Json* text = tower_config(reader, "text_config", "text_config_dict");
  CLIPPATH_TRY_VOID(reader.finish());
  CLIPPATH_TRY(config.vision, parse_clip_vision(*vision, "vision_config"));
  CLIPPATH_TRY(config.text, parse_clip_text(*text, "text_config"));
  add_linear_projections(config);
  return config;
}

Result<ModelConfig> parse_bert_config(const Json& json, const TensorTable& tensors) {
  ModelConfig config;
  config.layout = class_name(json, "BertModel");
  CLIPPATH_TRY(TextConfig text, parse_bert(json, ""));
  const TextNames names = names_of(text.family);
  text.prefix = prefix_of(tensors, std::array<std::string_view, 2>{"", "bert."}, names.words);
  const bool has_pooler = tensors.contains(text.prefix + names.pooler + "weight");
  text.pooling = has_pooler ? TextPooling::kPooler : TextPooling::kMean;
  config.dimension = text.tower.width;
  config.text = std::move(text);
  return config;
}

Result<ModelConfig> parse_image_config(const Json& json, const TensorTable& tensors) {
  ConfigReader reader(json, "");
  const std::string type = reader.text("model_type", "");
  CLIPPATH_TRY(VisionConfig vision, finish_vision(reader, read_image_tower(reader, type)));
  const std::string position = names_of(vision.family, vision.tower.activation).positions;
  constexpr std::array<std::string_view, 4> kPrefixes = {"", "vit.", "dinov2.",
                                                         "dinov2_with_registers."};
  vision.prefix = prefix_of(tensors, kPrefixes, position);
  ModelConfig config;
  config.layout = class_name(json, type);
  config.dimension = vision.tower.width;
  config.vision = std::move(vision);
  return config;
}

Result<VisionConfig> parse_attention_config(const Json& json) {
  ConfigReader reader(json, "");
  const std::string type = reader.text("model_type", "");
  if (type != "vit" && type != "dino_vit")
    reader.unsupported("model_type", type, "dino_vit or vit");
  return finish_vision(reader, read_image_tower(reader, type));
}

}  // namespace clippath
