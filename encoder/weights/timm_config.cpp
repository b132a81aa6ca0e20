// SPDX-License-Identifier: Apache-2.0
#include "encoder/weights/timm_config.h"

#include <array>
#include <cmath>
#include <string_view>

#include "encoder/weights/config_reader.h"
#include "encoder/weights/tensor_names.h"
#include "encoder/weights/tensor_sizes.h"

namespace clippath {
namespace {

struct NamedHeads {
  std::string_view size;
  std::int64_t heads;
};

/// Heads of the sizes that timm names, in its vision_transformer.py.
constexpr std::array<NamedHeads, 9> kHeads = {{{"vit_tiny_", 3},
                                               {"vit_small_", 6},
                                               {"vit_base_", 12},
                                               {"vit_large_", 16},
                                               {"vit_huge_", 16},
                                               {"vit_giant_", 16},
                                               {"vit_gigantic_", 16},
                                               {"vit_so400m_", 16},
                                               {"vit_medium_", 8}}};

std::int64_t heads_of(std::string_view name) {
  for (const NamedHeads& one : kHeads) {
    if (name.starts_with(one.size)) return one.heads;
  }
  return 0;
}

Result<TowerConfig> tower_of(const std::string& name, TensorSizes& sizes,
                             const VisionNames& names) {
  TowerConfig tower;
  tower.norm_epsilon = 1e-6;
  tower.width = sizes.size(names.class_token, 2, 3);
  tower.layers = sizes.count(names.layers, names.layer.attention_norm + "weight");
  tower.heads = heads_of(name);
  if (tower.heads == 0 || tower.width % tower.heads != 0) {
    return fail(ErrorKind::kUnsupported,
                name +
                    ": is no vision transformer of timm that this program reads (vit_tiny_... "
                    "to vit_gigantic_..., with a class token)");
  }
  const std::string first = names.layers + "0.";
  sizes.size(first + names.layer.attention_norm + "weight", 0, 1);  // a tower has a layer
  tower.inner_width = sizes.size(first + names.layer.outer + "weight", 1, 2);
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

Result<VisionConfig> timm_vision_config(const std::string& name, const std::string& prefix,
                                        const TensorTable& tensors) {
  const VisionNames names = names_of(VisionFamily::kTimm, Activation::kGelu);
  TensorSizes sizes(tensors, prefix);
  VisionConfig vision{.family = VisionFamily::kTimm,
                      .prefix = prefix,
                      .position_scale = PositionScale::kAntialiased};
  CLIPPATH_TRY(vision.tower, tower_of(name, sizes, names));
  vision.patch_size = sizes.size(names.patch + "weight", 3, 4);
  vision.layer_scale = sizes.has(names.layers + "0." + names.layer.attention_scale);
  if (sizes.has(names.registers)) vision.registers = sizes.size(names.registers, 1, 3);

  const std::int64_t positions = sizes.size(names.positions, 1, 3);
  CLIPPATH_TRY_VOID(sizes.finish());
  const std::int64_t all_tokens_side = side_of(positions - 1 - vision.registers);
  vision.registers_have_positions = vision.registers > 0 && all_tokens_side > 0;
  const std::int64_t side = all_tokens_side > 0 ? all_tokens_side : side_of(positions - 1);
  if (side == 0) {
    return fail(ErrorKind::kInvalidArgument,
                "tensor " + prefix + names.positions + " has " + std::to_string(positions) +
                    " positions, which are no square of patches and a class token");
  }
  vision.image_size = side * vision.patch_size;
  return vision;
}

Result<ModelConfig> parse_timm_config(const Json& json, const TensorTable& tensors) {
  ConfigReader reader(json, "");
  const std::string name = reader.text("architecture", "");
  CLIPPATH_TRY_VOID(reader.finish());
  ModelConfig config;
  config.layout = "timm " + name;
  CLIPPATH_TRY(config.vision, timm_vision_config(name, "", tensors));
  config.dimension = config.vision->tower.width;
  return config;
}

}  // namespace clippath
