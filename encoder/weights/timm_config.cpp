// SPDX-License-Identifier: Apache-2.0
#include "encoder/weights/timm_config.h"

#include <array>
#include <cmath>
#include <string_view>

#include "encoder/weights/tensor_names.h"
#include "encoder/weights/tensor_sizes.h"

namespace clippath {
namespace {

struct NamedSize {
  std::string_view beginning;
  std::int64_t width;
  std::int64_t heads;
};

/// The sizes that timm names, in its vision_transformer.py; the first that fits counts.
constexpr std::array<NamedSize, 11> kSizes = {{{"vit_giant_patch14_dinov2", 1536, 24},
                                               {"vit_giant_patch14_reg4_dinov2", 1536, 24},
                                               {"vit_tiny_", 192, 3},
                                               {"vit_small_", 384, 6},
                                               {"vit_medium_", 512, 8},
                                               {"vit_base_", 768, 12},
                                               {"vit_large_", 1024, 16},
                                               {"vit_so400m_", 1152, 16},
                                               {"vit_huge_", 1280, 16},
                                               {"vit_giant_", 1408, 16},
                                               {"vit_gigantic_", 1664, 16}}};

/// Null for a name that is not read. Rotary positions leave no tensor by which they would be
/// noticed.
const NamedSize* size_of(std::string_view name) {
  if (name.find("_rope_") != std::string_view::npos) return nullptr;
  for (const NamedSize& size : kSizes) {
    if (name.starts_with(size.beginning)) return &size;
  }
  return nullptr;
}

/// Fails for arguments of timm's VisionTransformer whose effect no tensor shows.
Result<std::int64_t> read_heads(const Json& arguments, std::int64_t heads_of_name) {
  ConfigReader reader(arguments, "model_args");
  for (const char* key :
       {"act_layer", "attn_layer", "block_fn", "embed_layer", "mlp_layer", "norm_layer"}) {
    reader.require_absent(key);
  }
  require_token_pool(reader, "global_pool", "token");
  const std::int64_t heads = reader.size("num_heads", kMaxWidth, heads_of_name);
  CLIPPATH_TRY_VOID(reader.finish());
  return heads;
}

/// Programs that build a model with arguments of their own may leave them out of the file (UNI2-h):
/// if the width is not that of the file, its heads are not known either.
Result<void> check_width(const Json& arguments, const NamedSize& size, std::int64_t width) {
  ConfigReader reader(arguments, "model_args");
  const bool has_heads = reader.any("num_heads") != nullptr;
  const std::int64_t said = reader.size("embed_dim", kMaxWidth, size.width);
  if (!has_heads && said != width) {
    reader.reject("num_heads", "is missing: the tensors are " + std::to_string(width) +
                                   " wide, the model of this name " + std::to_string(said));
  }
  return reader.finish();
}

Result<TowerConfig> tower_of(const std::string& name, const Json& arguments, TensorSizes& sizes,
                             const VisionNames& names) {
  TowerConfig tower;
  tower.norm_epsilon = 1e-6;
  tower.width = sizes.size(names.class_token, 2, 3);
  tower.layers = sizes.count(names.layers, names.layer.attention_norm + "weight");
  const NamedSize* size = size_of(name);
  if (size == nullptr) {
    return fail(ErrorKind::kUnsupported,
                name +
                    ": is no vision transformer of timm that this program reads (vit_tiny_... "
                    "to vit_gigantic_..., with a class token)");
  }
  CLIPPATH_TRY(tower.heads, read_heads(arguments, size->heads));
  const std::string first = names.layers + "0.";
  sizes.size(first + names.layer.attention_norm + "weight", 0, 1);  // a tower has a layer
  tower.inner_width = sizes.size(first + names.layer.outer + "weight", 1, 2);
  CLIPPATH_TRY_VOID(sizes.finish());
  if (tower.width % tower.heads != 0) {
    return fail(ErrorKind::kUnsupported, name + ": has " + std::to_string(tower.heads) +
                                             " heads, which do not divide its width of " +
                                             std::to_string(tower.width));
  }
  const bool gated =
      sizes.size(first + names.layer.inner + "weight", 0, 2) == 2 * tower.inner_width;
  tower.activation = gated ? Activation::kSwiGlu : Activation::kGelu;
  return tower;
}

/// The side of a square of so many patches; 0 if it is none.
/// @param patches  below 0 where a file has more registers than positions.
std::int64_t side_of(std::int64_t patches) {
  if (patches <= 0) return 0;
  const auto side = static_cast<std::int64_t>(std::lround(std::sqrt(static_cast<double>(patches))));
  return side * side == patches ? side : 0;
}

}  // namespace

void require_token_pool(ConfigReader& reader, const char* key, const std::string& fallback) {
  const std::string pool = reader.text(key, fallback);
  if (pool != "" && pool != "token") reader.unsupported(key, pool, "\"\" or token");
}

Result<VisionConfig> timm_vision_config(const std::string& name, const Json& arguments,
                                        const std::string& prefix, const TensorTable& tensors) {
  const VisionNames names = names_of(VisionFamily::kTimm, Activation::kGelu);
  TensorSizes sizes(tensors, prefix);
  VisionConfig vision{.family = VisionFamily::kTimm,
                      .prefix = prefix,
                      .position_scale = PositionScale::kAntialiased};
  CLIPPATH_TRY(vision.tower, tower_of(name, arguments, sizes, names));
  vision.patch_size = sizes.size(names.patch + "weight", 3, 4);
  vision.layer_scale = sizes.has(names.layers + "0." + names.layer.attention_scale);
  if (sizes.has(names.registers)) vision.registers = sizes.size(names.registers, 1, 3);

  const std::int64_t positions = sizes.size(names.positions, 1, 3);
  CLIPPATH_TRY_VOID(sizes.finish());
  // Either every token has a position or, where timm is told `no_embed_class`, the patches alone.
  vision.positions_before = 1 + vision.registers;
  std::int64_t side = side_of(positions - vision.positions_before);
  if (side == 0) {
    vision.positions_before = 0;
    side = side_of(positions);
  }
  if (side == 0) {
    return fail(ErrorKind::kInvalidArgument,
                "tensor " + prefix + names.positions + " has " + std::to_string(positions) +
                    " positions, which are no square of patches, with or without a class token "
                    "and " +
                    std::to_string(vision.registers) + " registers");
  }
  vision.image_size = side * vision.patch_size;
  return vision;
}

Result<ModelConfig> parse_timm_config(const Json& json, const TensorTable& tensors) {
  ConfigReader reader(json, "");
  const std::string name = reader.text("architecture", "");
  require_token_pool(reader, "global_pool", "token");
  const Json none = Json::object();
  const Json* given = reader.any("model_args");
  const Json& arguments = given == nullptr ? none : *given;
  CLIPPATH_TRY_VOID(reader.finish());
  ModelConfig config;
  config.layout = "timm " + name;
  CLIPPATH_TRY(config.vision, timm_vision_config(name, arguments, "", tensors));
  config.dimension = config.vision->tower.width;
  CLIPPATH_TRY_VOID(check_width(arguments, *size_of(name), config.dimension));
  return config;
}

}  // namespace clippath
