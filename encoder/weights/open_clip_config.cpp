// SPDX-License-Identifier: Apache-2.0
#include "encoder/weights/open_clip_config.h"

#include <cmath>

#include "encoder/weights/config_reader.h"
#include "encoder/weights/tensor_names.h"
#include "encoder/weights/tensor_sizes.h"
#include "encoder/weights/timm_config.h"

namespace clippath {
namespace {

constexpr std::int64_t kBertHeadWidth = 64;  // of every BERT that Hugging Face's names stand for

std::int64_t inner_width_of(ConfigReader& reader, std::int64_t width) {
  const double ratio = reader.number("mlp_ratio", 1, 16, 4);
  return static_cast<std::int64_t>(std::floor(static_cast<double>(width) * ratio));
}

Result<VisionConfig> parse_clip_vision(const Json& json, Activation activation) {
  ConfigReader reader(json, "model_cfg.vision_cfg");
  VisionConfig vision{.family = VisionFamily::kOpenClip, .prefix = "visual.", .patch_size = 16};
  vision.tower.width = reader.size("width", kMaxWidth, 768);
  vision.tower.layers = reader.size("layers", kMaxLayers, 12);
  const std::int64_t head_width = reader.size("head_width", kMaxWidth, 64);
  vision.tower.heads = std::max<std::int64_t>(vision.tower.width / head_width, 1);
  vision.tower.inner_width = inner_width_of(reader, vision.tower.width);
  vision.tower.activation = activation;
  vision.tower.norm_epsilon = 1e-5;
  reader.check_heads("head_width", vision.tower, "width");
  for (const char* key : {"ls_init_value", "attentional_pool", "no_ln_pre", "final_ln_after_pool",
                          "output_tokens", "act_kwargs", "norm_kwargs"}) {
    reader.require_absent(key);
  }
  reader.require("pool_type", reader.text("pool_type", "tok"), "tok");
  reader.require("pos_embed_type", reader.text("pos_embed_type", "learnable"), "learnable");
  reader.read_patches(vision);
  CLIPPATH_TRY_VOID(reader.finish());
  return vision;
}

Result<TextConfig> parse_clip_text(const Json& json, Activation activation) {
  ConfigReader reader(json, "model_cfg.text_cfg");
  TextConfig text{.family = TextFamily::kOpenClip, .token_types = 0, .pooling = TextPooling::kEnd};
  text.vocabulary_size = reader.size("vocab_size", kMaxVocabulary, 49'408);
  text.positions = reader.size("context_length", kMaxPositions, 77);
  text.tower.width = reader.size("width", kMaxWidth, 512);
  text.tower.layers = reader.size("layers", kMaxLayers, 12);
  text.tower.heads = reader.size("heads", kMaxWidth, 8);
  text.tower.inner_width = inner_width_of(reader, text.tower.width);
  text.tower.activation = activation;
  text.tower.norm_epsilon = 1e-5;
  reader.check_heads("heads", text.tower, "width");
  for (const char* key : {"ls_init_value", "embed_cls", "no_causal_mask", "final_ln_after_pool",
                          "proj_bias", "output_tokens", "act_kwargs", "norm_kwargs"}) {
    reader.require_absent(key);
  }
  reader.require("pool_type", reader.text("pool_type", "argmax"), "argmax");
  CLIPPATH_TRY_VOID(reader.finish());
  return text;
}

/// A ViT of timm and its head.
Result<void> read_timm_vision(const Json& json, const TensorTable& tensors, ModelConfig& config) {
  ConfigReader reader(json, "model_cfg.vision_cfg");
  const std::string name = reader.text("timm_model_name", "");
  require_token_pool(reader, "timm_pool", "avg");
  reader.require("timm_proj", reader.text("timm_proj", "linear"), "linear");
  reader.require_boolean("timm_proj_bias", false);
  CLIPPATH_TRY_VOID(reader.finish());
  CLIPPATH_TRY(config.vision, timm_vision_config(name, Json::object(), "visual.trunk.", tensors));
  config.vision_projection.products = {{"visual.head.proj.weight", config.dimension}};
  return {};
}

/// How open_clip names the ways in which it pools a BERT.
void read_pooler(ConfigReader& reader, TextConfig& text) {
  const std::string pooler = reader.text("hf_pooler_type", "mean_pooler");
  if (pooler == "cls_last_hidden_state_pooler") {
    text.pooling = TextPooling::kCls;
  } else if (pooler == "cls_pooler") {
    text.pooling = TextPooling::kPooler;
  } else {
    reader.require("hf_pooler_type", pooler, "mean_pooler");
    text.pooling = TextPooling::kMean;
  }
}

/// The sizes of a BERT of which only a name is known.
Result<void> read_bert_sizes(const TensorTable& tensors, TextConfig& text) {
  const TextNames names = names_of(TextFamily::kBert);
  TensorSizes sizes(tensors, text.prefix);
  text.vocabulary_size = sizes.size(names.words, 0, 2);
  text.tower.width = sizes.size(names.words, 1, 2);
  text.token_types = sizes.size(names.token_types, 0, 2);
  text.positions = sizes.size(names.positions, 0, 2);
  text.tower.layers = sizes.count(names.layers, names.layer.inner + "weight");
  text.tower.inner_width = sizes.size(names.layers + "0." + names.layer.inner + "weight", 0, 2);
  CLIPPATH_TRY_VOID(sizes.finish());
  text.tower.heads = text.tower.width / kBertHeadWidth;
  if (text.tower.width % kBertHeadWidth == 0) return {};
  return fail(ErrorKind::kUnsupported, "tensor " + text.prefix + names.words + " is " +
                                           std::to_string(text.tower.width) +
                                           " wide; a BERT has heads of 64");
}

/// A BERT of Hugging Face and the products behind it.
Result<void> read_bert(const Json& json, const TensorTable& tensors, ModelConfig& config) {
  ConfigReader reader(json, "model_cfg.text_cfg");
  TextConfig text{.family = TextFamily::kBert, .prefix = "text.transformer."};
  const std::int64_t context = reader.size("context_length", kMaxPositions, 77);
  read_pooler(reader, text);
  const std::string projection = reader.text("hf_proj_type", "mlp");
  if (projection != "mlp") reader.require("hf_proj_type", projection, "linear");
  CLIPPATH_TRY_VOID(reader.finish());
  CLIPPATH_TRY_VOID(read_bert_sizes(tensors, text));
  if (context > text.positions) {
    return fail(ErrorKind::kInvalidArgument, "model_cfg.text_cfg.context_length is " +
                                                 std::to_string(context) + ", there are " +
                                                 std::to_string(text.positions) + " positions");
  }
  text.context = context;
  if (projection == "linear") {
    config.text_projection.products = {{"text.proj.weight", config.dimension}};
  } else {
    config.text_projection.products = {
        {"text.proj.0.weight", (text.tower.width + config.dimension) / 2},
        {"text.proj.2.weight", config.dimension}};
  }
  config.text = std::move(text);
  return {};
}

}  // namespace

Result<ModelConfig> parse_open_clip_config(const Json& json, const TensorTable& tensors) {
  ConfigReader file(json, "");
  const Json* model = file.any("model_cfg");
  if (model == nullptr) file.reject("model_cfg", "is missing");
  CLIPPATH_TRY_VOID(file.finish());

  ConfigReader reader(*model, "model_cfg");
  ModelConfig config;
  config.layout = "open_clip";
  config.dimension = reader.size("embed_dim", kMaxWidth, 512);
  const Activation activation =
      reader.boolean("quick_gelu", false) ? Activation::kQuickGelu : Activation::kGelu;
  for (const char* key : {"multimodal_cfg", "init_logit_bias", "nonscalar_logit_scale"}) {
    reader.require_absent(key);
  }
  const Json* vision = reader.any("vision_cfg");
  const Json* text = reader.any("text_cfg");
  if (vision == nullptr) reader.reject("vision_cfg", "is missing");
  if (text == nullptr) reader.reject("text_cfg", "is missing");
  CLIPPATH_TRY_VOID(reader.finish());

  const bool timm = vision->is_object() && vision->contains("timm_model_name");
  const bool bert = text->is_object() && text->contains("hf_model_name");
  if (timm) {
    CLIPPATH_TRY_VOID(read_timm_vision(*vision, tensors, config));
  } else {
    CLIPPATH_TRY(config.vision, parse_clip_vision(*vision, activation));
    config.vision_projection = {{{"visual.proj", config.dimension}}, /*from_right=*/true};
  }
  if (bert) {
    CLIPPATH_TRY_VOID(read_bert(*text, tensors, config));
  } else {
    CLIPPATH_TRY(config.text, parse_clip_text(*text, activation));
    // open_clip's CustomTextCLIP has the text tower in a part of its own; which class wrote the
    // tensors is not always in the configuration (--force-custom-text).
    const std::string words = names_of(config.text->family).words;
    const std::string prefix = tensors.contains("text." + words) ? "text." : "";
    config.text->prefix = prefix;
    config.text_projection = {{{prefix + "text_projection", config.dimension}},
                              /*from_right=*/true};
  }
  return config;
}

}  // namespace clippath
