// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "clippath/core/result.h"
#include "clippath/model_card.h"
#include "core/json/json.h"

namespace clippath {

enum class VisionKind {
  kClip,  ///< `clip_vision_model`: a norm before the layers, the class token after the last norm
  kVit,   ///< `vit`: biased patches, the class token through a dense layer and tanh ("pooler")
  kDino   ///< `dino_vit`: as vit, under the names of facebookresearch/dino, without a pooler
};

/// quick_gelu is x * sigmoid(1.702 x); gelu is the exact one, with the error function.
enum class Activation { kGelu, kQuickGelu };

/// Sizes of one transformer, from `config.json`; a key that is missing has Hugging Face's default.
struct TowerConfig {
  std::int64_t width = 768;
  std::int64_t layers = 12;
  std::int64_t heads = 12;
  std::int64_t inner_width = 3072;
  Activation activation = Activation::kGelu;
  double norm_epsilon = 1e-12;
};

struct VisionConfig {
  VisionKind kind = VisionKind::kClip;
  TowerConfig tower;
  std::int64_t image_size = 224;  ///< pixels, square; of the positions that were trained
  std::int64_t patch_size = 16;   ///< pixels, square; divides image_size
  bool pooler = true;             ///< kVit alone: false where the class token itself is the feature

  [[nodiscard]] std::int64_t patches() const {
    return (image_size / patch_size) * (image_size / patch_size);
  }
};

/// A BERT text tower.
struct TextConfig {
  TowerConfig tower;
  std::int64_t vocabulary_size = 30522;
  std::int64_t positions = 512;
  std::int64_t token_types = 2;
};

/// `VisionTextDualEncoderModel`: both towers, each with a projection without bias.
struct ModelConfig {
  VisionConfig vision;
  TextConfig text;
  std::int64_t dimension = 512;  ///< of the shared space
};

/// Fails: kInvalidArgument naming the key; kUnsupported for what these towers do not compute.
Result<ModelConfig> parse_model_config(const Json& json);
Result<TextConfig> parse_text_config(const Json& json, const std::string& path);

/// Tokens that a text may have: the card's limit, else the tower's number of positions.
/// Fails: kInvalidArgument if the limit does not fit the positions.
Result<std::size_t> text_token_limit(const ModelCard& card, const TextConfig& config);

/// Reads `config.json` of a model folder. Fails: kNotFound, and as above.
Result<ModelConfig> load_model_config(const std::filesystem::path& folder);

/// A vision transformer alone whose attention is looked at: `dino_vit`, or Hugging Face's `vit`
/// without its pooler. Fails: as parse_model_config.
Result<VisionConfig> parse_attention_config(const Json& json);
/// Reads `config.json` of its folder. Fails: kNotFound, and as above.
Result<VisionConfig> load_attention_config(const std::filesystem::path& folder);

}  // namespace clippath
