// SPDX-License-Identifier: Apache-2.0
#include "encoder/weights/conch_config.h"

#include "encoder/weights/config_reader.h"

namespace clippath {
namespace {

constexpr const char* kCaptionWidthKey = "embed_dim_caption";
constexpr std::int64_t kPoolerHeads = 8;  // CONCH's program takes no other number
constexpr std::int64_t kMaxRatio = 16;

Result<VisionConfig> parse_vision(const Json& json) {
  ConfigReader reader(json, "vision_cfg");
  VisionConfig vision{.family = VisionFamily::kTimm,
                      .prefix = "visual.trunk.",
                      .position_scale = PositionScale::kAntialiased};
  vision.tower.width = reader.size("width", kMaxWidth, 768);
  vision.tower.layers = reader.size("layers", kMaxLayers, 12);
  vision.tower.heads = reader.size("num_heads", kMaxWidth, 12);
  vision.tower.inner_width = vision.tower.width * reader.size("mlp_ratio", kMaxRatio, 4);
  vision.tower.norm_epsilon = 1e-6;
  reader.check_heads("num_heads", vision.tower, "width");
  reader.read_patches(vision);
  if (!reader.boolean("attentional_pool_contrast", false)) {
    reader.unsupported("attentional_pool_contrast", "false", "true");
  }
  reader.require("n_queries_contrast", reader.size("n_queries_contrast", kMaxPositions, 1), 1);
  reader.require("attn_pooler_heads", reader.size("attn_pooler_heads", kMaxWidth, kPoolerHeads),
                 kPoolerHeads);
  CLIPPATH_TRY_VOID(reader.finish());
  return vision;
}

Result<TextConfig> parse_text(const Json& json) {
  ConfigReader reader(json, "text_cfg");
  TextConfig text{.family = TextFamily::kOpenClip,
                  .prefix = "text.",
                  .token_types = 0,
                  .pooling = TextPooling::kAppended};
  text.vocabulary_size = reader.size("vocab_size", kMaxVocabulary, 49'408);
  text.positions = reader.size("context_length", kMaxPositions, 77);
  text.tower.width = reader.size("width", kMaxWidth, 512);
  text.tower.layers = reader.size("layers", kMaxLayers, 12);
  text.tower.heads = reader.size("heads", kMaxWidth, 8);
  text.tower.inner_width = 4 * text.tower.width;
  text.tower.norm_epsilon = 1e-5;
  text.padding_token = reader.token("pad_id", text.vocabulary_size, 0);
  reader.check_heads("heads", text.tower, "width");
  reader.require_absent("ls_init_value");
  if (!reader.boolean("embed_cls", false)) reader.unsupported("embed_cls", "false", "true");
  CLIPPATH_TRY_VOID(reader.finish());
  return text;
}

}  // namespace

bool is_conch_config(const Json& json) {
  return json.is_object() && json.contains(kCaptionWidthKey);
}

Result<ModelConfig> parse_conch_config(const Json& json) {
  ConfigReader reader(json, "");
  ModelConfig config;
  config.layout = "CONCH";
  config.dimension = reader.size("embed_dim", kMaxWidth, 512);
  if (config.dimension % kPoolerHeads != 0) {
    reader.reject("embed_dim", "must be a multiple of " + std::to_string(kPoolerHeads) +
                                   ", the heads of the attentional pooler");
  }
  const Json* vision = reader.any("vision_cfg");
  const Json* text = reader.any("text_cfg");
  if (vision == nullptr) reader.reject("vision_cfg", "is missing");
  if (text == nullptr) reader.reject("text_cfg", "is missing");
  CLIPPATH_TRY_VOID(reader.finish());
  CLIPPATH_TRY(config.vision, parse_vision(*vision));
  CLIPPATH_TRY(config.text, parse_text(*text));
  config.vision_pooler = AttentionalPoolerConfig{.prefix = "visual.",
                                                 .inputs = config.vision->tower.width,
                                                 .width = config.dimension,
                                                 .heads = kPoolerHeads};
  config.vision_projection = {{{"visual.proj_contrast", config.dimension}}, /*from_right=*/true};
  config.text_projection = {{{"text.text_projection", config.dimension}}, /*from_right=*/true};
  return config;
}

}  // namespace clippath
