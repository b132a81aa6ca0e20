// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "clippath/core/result.h"
#include "clippath/model_card.h"

namespace clippath {

/// quick_gelu is x * sigmoid(1.702 x); gelu is the exact one, with the error function. SwiGLU gates
/// one half of the inner layer's outputs by the other: silu(first) * second.
enum class Activation { kGelu, kQuickGelu, kSwiGlu };

/// Sizes of one transformer; a key that is missing has the default of its format.
struct TowerConfig {
  std::int64_t width = 768;
  std::int64_t layers = 12;
  std::int64_t heads = 12;
  std::int64_t inner_width = 3072;  ///< inputs of the perceptron's second layer
  Activation activation = Activation::kGelu;
  double norm_epsilon = 1e-12;
};

/// Under which names a vision tower's tensors lie (tensor_names.h).
enum class VisionFamily {
  kClip,      ///< Hugging Face's `CLIPVisionModel`
  kOpenClip,  ///< OpenAI's CLIP, open_clip
  kVit,       ///< Hugging Face's `ViTModel`
  kTimm,      ///< timm; facebookresearch/dino has the same names
  kDinov2     ///< Hugging Face's `Dinov2Model`
};

/// How a picture of another size than the trained one gets its positions, by bicubic resampling
/// without aligned corners. x_old = (x + 0.5) / scale - 0.5.
enum class PositionScale {
  kDino,        ///< facebookresearch/dino: scale = (new + 0.1) / old, a = -0.75, no antialias
  kSizes,       ///< Hugging Face: scale = new / old, a = -0.75, no antialias
  kAntialiased  ///< DINOv2 with registers, timm: scale = new / old, a = -0.5, with antialias
};

struct VisionConfig {
  VisionFamily family = VisionFamily::kClip;
  std::string prefix = {};  ///< of all its tensors' names
  TowerConfig tower = {};
  std::int64_t image_size = 224;      ///< pixels, square; of the positions that were trained
  std::int64_t patch_size = 16;       ///< pixels, square; divides image_size
  std::int64_t registers = 0;         ///< tokens behind the class token that stand for no patch
  std::int64_t positions_before = 1;  ///< of tokens before the patches; timm's are none or all
  bool layer_scale = false;           ///< attention and perceptron end in a factor for each output
  bool pooler = false;                ///< a dense layer and tanh behind the class token
  PositionScale position_scale = PositionScale::kSizes;

  [[nodiscard]] std::int64_t patches() const {
    return (image_size / patch_size) * (image_size / patch_size);
  }
  /// A CLIP tower has a norm before its layers and no biases in its patches.
  [[nodiscard]] bool is_clip() const {
    return family == VisionFamily::kClip || family == VisionFamily::kOpenClip;
  }
};

/// Under which names a text tower's tensors lie, and with it which kind of tower it is.
enum class TextFamily {
  kBert,     ///< Hugging Face's `BertModel`: norms behind the layers, every token sees every other
  kClip,     ///< Hugging Face's `CLIPTextModel`: norms before them, a token sees those before it
  kOpenClip  ///< the same under the names of OpenAI and open_clip
};

struct TextConfig {
  TextFamily family = TextFamily::kBert;
  std::string prefix = {};  ///< of all its tensors' names
  TowerConfig tower = {};
  std::int64_t vocabulary_size = 30522;
  std::int64_t positions = 512;
  std::int64_t token_types = 2;  ///< kBert alone
  std::int64_t context = 0;      ///< tokens that texts were cut to in training; 0: all positions
  TextPooling pooling = TextPooling::kPooler;
  /// Of kEnd: the first token with this number; none: the token with the largest number.
  std::optional<std::int64_t> end_token = std::nullopt;
  std::int64_t padding_token = 0;  ///< of kAppended: what that token must not look at

  /// Tokens that a text may have at most.
  [[nodiscard]] std::int64_t text_positions() const {
    return pooling == TextPooling::kAppended ? positions - 1 : positions;
  }
  [[nodiscard]] bool is_clip() const { return family != TextFamily::kBert; }
};

/// One learned query that looks at all tokens of a vision tower, behind its last norm, and a norm
/// behind that: what CoCa (Yu et al. 2022, arXiv:2205.01917) projects in place of a class token.
struct AttentionalPoolerConfig {
  std::string prefix = {};    ///< of all its tensors' names
  std::int64_t inputs = 768;  ///< width of the tokens
  std::int64_t width = 512;   ///< of the query, and of what comes out
  std::int64_t heads = 8;
  double norm_epsilon = 1e-5;
};

/// What leads from a tower's features to the shared space: products without bias, GELU between two
/// of them. None: the features are the embedding.
struct ProjectionConfig {
  struct Product {
    std::string name;  ///< of its tensor, whole
    std::int64_t outputs = 0;
  };
  std::vector<Product> products = {};
  bool from_right = false;  ///< stored as `[inputs, outputs]`
};

/// One or two towers with their projections.
struct ModelConfig {
  std::string layout;  ///< the class that wrote it: "CLIPModel"
  std::optional<VisionConfig> vision;
  std::optional<AttentionalPoolerConfig> vision_pooler;
  std::optional<TextConfig> text;
  ProjectionConfig vision_projection;
  ProjectionConfig text_projection;
  std::int64_t dimension = 512;  ///< of the embeddings

  /// A model of both has `logit_scale`, the logarithm of what similarities are multiplied with.
  [[nodiscard]] bool is_dual() const { return vision.has_value() && text.has_value(); }
};

/// Reads the configuration of a model folder: `open_clip_config.json` where there is one, else
/// `config.json` of Hugging Face, timm or CONCH. What these leave to a name only (the towers of
/// timm and of Hugging Face inside open_clip; the prefix of a BERT) is taken from the tensors.
/// @param card  its text_pooling, if given, is the text tower's.
/// Fails: kNotFound; kInvalidArgument naming the key; kUnsupported for what the towers do not
/// compute.
Result<ModelConfig> load_model_config(const std::filesystem::path& folder, const ModelCard& card);

/// Tokens that a text may have: the card's limit, else the tower's number of positions.
/// Fails: kInvalidArgument if the limit does not fit the positions.
Result<std::size_t> text_token_limit(const ModelCard& card, const TextConfig& config);

/// Reads `config.json` of a vision transformer whose attention is looked at: `dino_vit`, or Hugging
/// Face's `vit`, whose pooler is left out. Fails: as load_model_config.
Result<VisionConfig> load_attention_config(const std::filesystem::path& folder);

}  // namespace clippath
