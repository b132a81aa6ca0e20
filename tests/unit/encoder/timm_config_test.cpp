// SPDX-License-Identifier: Apache-2.0
#include "encoder/weights/timm_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace clippath {
namespace {

using testing::HasSubstr;

constexpr const char* kName = "vit_tiny_patch4_8";

/// The shapes that sizes are read from: 3 heads of 4, one layer, 2 x 2 patches of 4 px.
TensorTable tensors() {
  TensorTable table;
  const auto add = [&](const char* name, TensorShape shape) {
    table[name] = {TensorType::kF32, std::move(shape), {}};
  };
  add("cls_token", {1, 1, 12});
  add("pos_embed", {1, 5, 12});
  add("patch_embed.proj.weight", {12, 3, 4, 4});
  add("blocks.0.norm1.weight", {12});
  add("blocks.0.mlp.fc1.weight", {48, 12});
  add("blocks.0.mlp.fc2.weight", {12, 48});
  return table;
}

std::string fault_of(const TensorTable& table) {
  const auto config = timm_vision_config(kName, "", table);
  return config ? std::string() : config.error().message;
}

TEST(TimmConfig, ReadsSizesFromShapes) {
  const auto config = timm_vision_config(kName, "", tensors());
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->tower.heads, 3);
  EXPECT_EQ(config->tower.layers, 1);
  EXPECT_EQ(config->image_size, 8);
}

TEST(TimmConfig, RefusesPositionsThatAreNoSquare) {
  TensorTable table = tensors();
  for (const std::int64_t positions : {1, 4, 6}) {
    table["pos_embed"].shape[1] = positions;
    EXPECT_THAT(fault_of(table), HasSubstr("pos_embed has " + std::to_string(positions)));
  }
}

TEST(TimmConfig, RefusesMoreRegistersThanPositions) {
  TensorTable table = tensors();
  table["reg_token"] = {TensorType::kF32, {1, 9, 12}, {}};
  table["pos_embed"].shape[1] = 2;
  const auto config = timm_vision_config(kName, "", table);
  ASSERT_TRUE(config) << config.error().message;  // registers without positions: one patch
  EXPECT_EQ(config->image_size, 4);
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
