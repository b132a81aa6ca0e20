// SPDX-License-Identifier: Apache-2.0
#include "encoder/weights/timm_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace clippath {
namespace {

using testing::HasSubstr;

constexpr const char* kName = "vit_tiny_patch4_8";

/// The shapes that sizes are read from: one layer, 2 x 2 patches of 4 px.
TensorTable tensors(std::int64_t width = 12) {
  TensorTable table;
  const auto add = [&](const char* name, TensorShape shape) {
    table[name] = {TensorType::kF32, std::move(shape), {}};
  };
  add("cls_token", {1, 1, width});
  add("pos_embed", {1, 5, width});
  add("patch_embed.proj.weight", {width, 3, 4, 4});
  add("blocks.0.norm1.weight", {width});
  add("blocks.0.mlp.fc1.weight", {4 * width, width});
  add("blocks.0.mlp.fc2.weight", {width, 4 * width});
  return table;
}

Result<VisionConfig> config_of(const TensorTable& table, const Json& arguments = Json::object()) {
  return timm_vision_config(kName, arguments, "", table);
}

std::string fault_of(const TensorTable& table, const Json& arguments = Json::object()) {
  const auto config = config_of(table, arguments);
  return config ? std::string() : config.error().message;
}

void add_registers(TensorTable& table, std::int64_t registers, std::int64_t width) {
  table["reg_token"] = {TensorType::kF32, {1, registers, width}, {}};
}

TEST(TimmConfig, ReadsSizesFromShapes) {
  const auto config = config_of(tensors());
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->tower.heads, 3);
  EXPECT_EQ(config->tower.layers, 1);
  EXPECT_EQ(config->image_size, 8);
}

TEST(TimmConfig, TakesTheHeadsOfTheName) {
  constexpr std::int64_t kWidth = 48;
  const std::vector<std::pair<const char*, std::int64_t>> heads = {
      {"vit_tiny_patch16_224", 3},           {"vit_small_patch16_224", 6},
      {"vit_medium_patch16_256", 8},         {"vit_base_patch16_224", 12},
      {"vit_base_patch14_reg4_dinov2", 12},  {"vit_large_patch16_224", 16},
      {"vit_huge_patch14_224", 16},          {"vit_so400m_patch14_224", 16},
      {"vit_giant_patch14_224", 16},         {"vit_giant_patch14_dinov2", 24},
      {"vit_giant_patch14_reg4_dinov2", 24}, {"vit_gigantic_patch14_224", 16}};
  for (const auto& [name, expected] : heads) {
    const auto config = timm_vision_config(name, Json::object(), "", tensors(kWidth));
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_EQ(config->tower.heads, expected) << name;
  }
}

TEST(TimmConfig, RefusesNamesOfOtherTowers) {
  for (const char* name : {"", "vit_betwixt_patch16_reg4_gap_256", "eva02_base_patch14_224",
                           "vit_base_patch16_rope_ape_224", "swin_tiny_patch4_window7_224"}) {
    const auto config = timm_vision_config(name, Json{{"num_heads", 3}}, "", tensors());
    ASSERT_FALSE(config) << name;
    EXPECT_EQ(config.error().kind, ErrorKind::kUnsupported);
    EXPECT_THAT(config.error().message, HasSubstr("no vision transformer of timm")) << name;
  }
}

TEST(TimmConfig, TakesTheHeadsOfItsArguments) {
  EXPECT_EQ(config_of(tensors(), Json{{"num_heads", 4}})->tower.heads, 4);
  EXPECT_THAT(fault_of(tensors(), Json{{"num_heads", 5}}), HasSubstr("has 5 heads"));
  EXPECT_THAT(fault_of(tensors(), Json{{"num_heads", 0}}), HasSubstr("model_args.num_heads"));
}

TEST(TimmConfig, RefusesArgumentsThatNoTensorShows) {
  for (const char* key :
       {"act_layer", "attn_layer", "block_fn", "embed_layer", "mlp_layer", "norm_layer"}) {
    const auto config = config_of(tensors(), Json{{key, "another"}});
    ASSERT_FALSE(config) << key;
    EXPECT_EQ(config.error().kind, ErrorKind::kUnsupported);
    EXPECT_THAT(config.error().message, HasSubstr(std::string("model_args.") + key));
  }
  const Json shown{
      {"img_size", 8}, {"init_values", 1e-5}, {"dynamic_img_size", true}, {"norm_layer", nullptr}};
  EXPECT_EQ(fault_of(tensors(), shown), "");
}

// UNI2-h: 24 heads at a width of 1536, under the name of a tower with 16 at 1408.
TEST(TimmConfig, AsksForHeadsWhereTheNameIsOfAnotherWidth) {
  const auto parse = [](const Json& arguments) {
    return parse_timm_config(
        Json{{"architecture", "vit_giant_patch14_224"}, {"model_args", arguments}}, tensors(1536));
  };
  const auto refused = parse(Json::object());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kInvalidArgument);
  EXPECT_THAT(refused.error().message, HasSubstr("model_args.num_heads: is missing"));
  EXPECT_FALSE(parse(Json{{"embed_dim", 1408}}));
  EXPECT_EQ(parse(Json{{"embed_dim", 1536}})->vision->tower.heads, 16);
  EXPECT_EQ(parse(Json{{"num_heads", 24}})->vision->tower.heads, 24);
}

TEST(TimmConfig, ReadsTheClassTokenAlone) {
  const auto parse = [](const Json& pool_of_file, const Json& pool_of_arguments) {
    return parse_timm_config(Json{{"architecture", kName},
                                  {"global_pool", pool_of_file},
                                  {"model_args", {{"global_pool", pool_of_arguments}}}},
                             tensors(192));
  };
  EXPECT_TRUE(parse("token", ""));
  EXPECT_TRUE(parse_timm_config(Json{{"architecture", kName}}, tensors(192)));
  for (const char* pool : {"avg", "map", "avgmax"}) {
    for (const auto& refused : {parse(pool, "token"), parse("token", pool)}) {
      ASSERT_FALSE(refused) << pool;
      EXPECT_EQ(refused.error().kind, ErrorKind::kUnsupported);
      EXPECT_THAT(refused.error().message, HasSubstr(std::string("global_pool: is ") + pool));
    }
  }
}

// H-optimus-0 and UNI2-h: timm's no_embed_class.
TEST(TimmConfig, ReadsPositionsOfThePatchesAlone) {
  TensorTable table = tensors();
  table["patch_embed.proj.weight"].shape = {12, 3, 14, 14};
  table["pos_embed"].shape[1] = 256;
  for (const std::int64_t registers : {4, 8}) {
    add_registers(table, registers, 12);
    const auto config = config_of(table);
    ASSERT_TRUE(config) << config.error().message;
    EXPECT_EQ(config->image_size, 224);
    EXPECT_EQ(config->registers, registers);
    EXPECT_EQ(config->positions_before, 0);
  }
  table["pos_embed"].shape[1] = 261;  // Virchow2: with those of the class token and 4 registers
  add_registers(table, 4, 12);
  EXPECT_EQ(config_of(table)->image_size, 224);
  EXPECT_EQ(config_of(table)->positions_before, 5);
}

TEST(TimmConfig, RefusesPositionsThatAreNoSquare) {
  TensorTable table = tensors();
  for (const std::int64_t positions : {3, 6, 7}) {
    table["pos_embed"].shape[1] = positions;
    EXPECT_THAT(fault_of(table), HasSubstr("pos_embed has " + std::to_string(positions)));
  }
}

TEST(TimmConfig, RefusesMoreRegistersThanPositions) {
  TensorTable table = tensors();
  add_registers(table, 9, 12);
  table["pos_embed"].shape[1] = 3;
  EXPECT_THAT(fault_of(table), HasSubstr("no square of patches"));
}

TEST(TimmConfig, NamesTheLayerThatIsMissing) {
  TensorTable table = tensors();
  table.erase("blocks.0.norm1.weight");
  EXPECT_THAT(fault_of(table), HasSubstr("blocks.0.norm1.weight is missing"));
}

}  // namespace
}  // namespace clippath
