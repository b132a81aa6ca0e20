// SPDX-License-Identifier: Apache-2.0
#include <ATen/ops/cat.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include <array>
#include <fstream>

#include "encoder/models/position_grid.h"
#include "encoder/models/vision_transformer.h"
#include "encoder/weights/architecture.h"
#include "tests/support/golden_files.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/encoder/golden_tensors.h"
#include "tests/unit/encoder/hf_vit_of_dino.h"

namespace clippath {
namespace {

using test::expect_near;
using test::tensor;

const std::filesystem::path kFolder = test::golden_dir() / "models/dino-vits-tiny";
constexpr std::array<std::int64_t, 1> kLast = {3};
constexpr double kClass = 2e-4;
constexpr double kAttention = 1e-5;
constexpr double kPositions = 2e-5;

VisionTransformer load(const std::filesystem::path& folder) {
  const auto config = load_attention_config(folder);
  if (!config) throw std::runtime_error(config.error().message);
  const WeightsFile weights = test::open_golden(folder / "model.safetensors");
  ExpectedTensors expected;
  expect_vision_tower(*config, expected);
  EXPECT_TRUE(check_tensors(weights.tensors(), expected));
  return VisionTransformer(StoredWeights(weights.tensors(), at::kFloat), *config);
}

/// The class token's attention to the patches. `[n, heads, patches]`
at::Tensor to_patches(const at::Tensor& attention) {
  const at::Tensor row = attention.select(1, 0).select(2, 0);
  return row.narrow(2, 1, row.size(2) - 1);
}

class DinoTiny : public testing::Test {
 protected:
  void expect_outputs(const VisionTransformer& tower, const std::string& pixels,
                      const std::string& prefix) const {
    const at::Tensor values = tensor(inputs_, pixels);
    expect_near(tower.features(values), tensor(outputs_, prefix + ".cls"), kClass, "cls");
    expect_near(to_patches(tower.attention(values, kLast, Rows::kFirst)),
                tensor(outputs_, prefix + ".cls_attention"), kAttention, "cls_attention");
  }

  c10::InferenceMode inference_;
  WeightsFile inputs_ = test::open_golden(kFolder / "inputs.safetensors");
  WeightsFile outputs_ = test::open_golden(kFolder / "outputs.safetensors");
};

TEST_F(DinoTiny, ClassTokenAndItsAttention) {
  expect_outputs(load(kFolder), "pixel_values_224", "224");
}

TEST_F(DinoTiny, AttentionOfEveryToken) {
  const at::Tensor first = tensor(inputs_, "pixel_values_224").narrow(0, 0, 1);
  expect_near(load(kFolder).attention(first, kLast, Rows::kAll).select(1, 0),
              tensor(outputs_, "224.last_selfattention"), kAttention, "last_selfattention");
}

TEST_F(DinoTiny, AttentionOfEveryTokenAtAnotherSize) {
  const at::Tensor all = load(kFolder)
                             .attention(tensor(inputs_, "pixel_values_480x320"), kLast, Rows::kAll)
                             .select(1, 0);
  std::vector<at::Tensor> rows;
  for (const std::int64_t row : {0, 1, 300, 600}) rows.push_back(all.narrow(2, row, 1));
  expect_near(at::cat(rows, 2), tensor(outputs_, "480x320.dino.last_selfattention_rows"),
              kAttention, "rows");
  expect_near(all.mul(all.log()).sum(-1).neg(),
              tensor(outputs_, "480x320.dino.last_selfattention_row_entropy"), 1e-4, "entropy");
}

TEST_F(DinoTiny, ResamplesPositionsAsDinoDoesForItsOwnLayout) {
  expect_outputs(load(kFolder), "pixel_values_480x320", "480x320.dino");
}

TEST_F(DinoTiny, ResamplesPositionsAsHuggingFaceDoesForItsLayout) {
  const test::TempDir folder;
  test::write_hf_vit_of_dino(kFolder, folder.path());
  const VisionTransformer tower = load(folder.path());
  expect_outputs(tower, "pixel_values_224", "224");
  expect_outputs(tower, "pixel_values_480x320", "480x320.hf");
}

TEST_F(DinoTiny, PositionsOfBothScales) {
  const at::Tensor stored = tensor(test::open_golden(kFolder / "model.safetensors"), "pos_embed");
  const at::Tensor patches = stored.narrow(1, 1, 196);
  EXPECT_TRUE(resample_positions(patches, 14, 14, PositionScale::kDino).equal(patches));
  const auto with_class = [&](PositionScale scale) {
    const at::Tensor resampled = resample_positions(patches, 30, 20, scale);
    return at::cat({stored.narrow(1, 0, 1), resampled}, 1).narrow(2, 0, 32);
  };
  expect_near(with_class(PositionScale::kDino), tensor(outputs_, "480x320.dino.pos_embed_first32"),
              kPositions, "dino");
  expect_near(with_class(PositionScale::kSizes), tensor(outputs_, "480x320.hf.pos_embed_first32"),
              kPositions, "hf");
}

TEST_F(DinoTiny, LayersOneByOneAreAsTogether) {
  const VisionTransformer tower = load(kFolder);
  const at::Tensor pixels = tensor(inputs_, "pixel_values_224").narrow(0, 0, 1);
  const std::array<std::int64_t, 3> layers = {0, 2, 3};
  const at::Tensor together = tower.attention(pixels, layers, Rows::kFirst);
  ASSERT_EQ(together.sizes(), (at::IntArrayRef{1, 3, 3, 1, 197}));
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const at::Tensor alone = tower.attention(pixels, std::span(layers).subspan(i, 1), Rows::kFirst);
    EXPECT_TRUE(alone.select(1, 0).equal(together.select(1, static_cast<std::int64_t>(i))));
  }
}

}  // namespace
}  // namespace clippath
