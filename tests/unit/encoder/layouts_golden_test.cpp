// SPDX-License-Identifier: Apache-2.0
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <utility>

#include "core/json/json.h"
#include "encoder/models/dual_encoder.h"
#include "encoder/runtime/local_encoder.h"
#include "encoder/weights/model_files.h"
#include "encoder/weights/weights_writer.h"
#include "tests/support/golden_files.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/encoder/golden_tensors.h"

// Models that others trained, in the layouts of their own programs.

namespace clippath {
namespace {

using test::expect_near;
using test::tensor;

const std::filesystem::path kModels = test::golden_dir() / "models";

/// A model of the folder, whose tensors are checked as load_encoder checks them.
DualEncoder load(const std::filesystem::path& folder, at::ScalarType type = at::kFloat,
                 const ModelCard& card = {}) {
  const auto config = load_model_config(folder, card);
  if (!config) throw std::runtime_error(config.error().message);
  const auto weights = open_model_weights(folder, *config, card);
  if (!weights) throw std::runtime_error(weights.error().message);
  return DualEncoder(weights->tensors(), *config, Towers::kBoth, type);
}

at::Tensor unit_rows(const at::Tensor& x) { return x.div(x.norm(2, 1, true)); }

TokenBatch ids_of(const WeightsFile& file, const char* name) {
  TokenBatch batch;
  batch.ids = tensor(file, name).to(at::kLong);
  return batch;
}

class ClipTiny : public testing::TestWithParam<const char*> {
 protected:
  c10::InferenceMode inference_;
  WeightsFile inputs_ = test::open_golden(kModels / "clip-tiny/inputs.safetensors");
  WeightsFile outputs_ = test::open_golden(kModels / "clip-tiny/outputs.safetensors");
};

TEST_P(ClipTiny, EmbeddingsAndLogits) {
  const DualEncoder model = load(kModels / GetParam());
  const at::Tensor images = model.project_pixels(tensor(inputs_, "pixel_values"));
  const at::Tensor texts = model.project_tokens(ids_of(inputs_, "input_ids"));
  expect_near(images, tensor(outputs_, "image_embeds_raw"), 2e-4, "image_raw");
  expect_near(texts, tensor(outputs_, "text_embeds_raw"), 2e-4, "text_raw");
  expect_near(unit_rows(images), tensor(outputs_, "image_embeds"), 2e-5, "image_unit");
  expect_near(unit_rows(texts), tensor(outputs_, "text_embeds"), 2e-5, "text_unit");
  expect_near(unit_rows(images).matmul(unit_rows(texts).t()).mul(std::exp(3.25)),
              tensor(outputs_, "logits_per_image"), 1e-3, "logits");
}

TEST_P(ClipTiny, PaddingWithZeroChangesNothing) {
  expect_near(load(kModels / GetParam()).project_tokens(ids_of(inputs_, "input_ids_pad0")),
              tensor(outputs_, "text_embeds_raw"), 2e-4, "pad0");
}

TEST_P(ClipTiny, Bf16KeepsTheDirection) {
  const DualEncoder model = load(kModels / GetParam(), at::kBFloat16);
  EXPECT_GE(test::least_cosine(model.project_pixels(tensor(inputs_, "pixel_values")),
                               tensor(outputs_, "image_embeds")),
            0.999);
  EXPECT_GE(test::least_cosine(model.project_tokens(ids_of(inputs_, "input_ids")),
                               tensor(outputs_, "text_embeds")),
            0.999);
}

INSTANTIATE_TEST_SUITE_P(Layouts, ClipTiny, testing::Values("clip-tiny", "openclip-tiny"),
                         [](const auto& info) {
                           return info.param == std::string("clip-tiny") ? "HuggingFace"
                                                                         : "OpenClip";
                         });

TEST(OpenClip, TakesExactGeluWhereQuickGeluIsNotNamed) {
  const c10::InferenceMode inference;
  const test::TempDir folder;
  const auto from = kModels / "openclip-tiny";
  std::filesystem::copy(from / "open_clip_model.safetensors",
                        folder.path() / "open_clip_model.safetensors");
  Json config = test::read_json(from / "open_clip_config.json");
  config["model_cfg"].erase("quick_gelu");
  std::ofstream(folder.path() / "open_clip_config.json") << config.dump();
  const WeightsFile inputs = test::open_golden(kModels / "clip-tiny/inputs.safetensors");
  const at::Tensor first =
      load(folder.path()).project_pixels(tensor(inputs, "pixel_values")).select(0, 0);
  const Json wrong = test::read_json(from / "quick_gelu_off.json");
  const auto values = wrong["image_embeds_raw_0"].get<std::vector<double>>();
  ASSERT_EQ(static_cast<std::int64_t>(values.size()), first.size(0));
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_NEAR(first[static_cast<std::int64_t>(i)].item<double>(), values[i], 2e-4);
  }
}

TEST(ClipModel, PoolsTheLargestNumberWhereTheConfigurationNamesTwo) {
  const c10::InferenceMode inference;
  const test::TempDir folder;
  const auto from = kModels / "clip-tiny";
  std::filesystem::copy(from / "model.safetensors", folder.path() / "model.safetensors");
  Json config = test::read_json(from / "config.json");
  config["text_config"]["eos_token_id"] = 2;  // as in OpenAI's files
  std::ofstream(folder.path() / "config.json") << config.dump();
  const WeightsFile inputs = test::open_golden(from / "inputs.safetensors");
  expect_near(load(folder.path()).project_tokens(ids_of(inputs, "input_ids")),
              tensor(test::open_golden(from / "outputs.safetensors"), "text_embeds_raw"), 2e-4,
              "text_raw");
}

class BertMlmTiny : public testing::Test {
 protected:
  at::Tensor embed(TextPooling pooling) const {
    ModelCard card;
    card.text_pooling = pooling;
    return load(kFolder, at::kFloat, card).project_tokens(batch_);
  }

  const std::filesystem::path kFolder = kModels / "bert-mlm-tiny";
  c10::InferenceMode inference_;
  TokenBatch batch_ = test::token_batch(test::open_golden(kFolder / "inputs.safetensors"));
  WeightsFile outputs_ = test::open_golden(kFolder / "outputs.safetensors");
};

TEST_F(BertMlmTiny, FirstTokenAndMean) {
  expect_near(embed(TextPooling::kCls), tensor(outputs_, "cls"), 5e-5, "cls");
  expect_near(embed(TextPooling::kMean), tensor(outputs_, "mean"), 5e-5, "mean");
}

TEST_F(BertMlmTiny, PoolsByTheMeanForWantOfAPooler) {
  expect_near(load(kFolder).project_tokens(batch_), tensor(outputs_, "mean"), 5e-5, "mean");
}

/// The folder with its tensors under other names.
void copy_with(const TensorTable& tensors, const std::filesystem::path& from,
               const std::filesystem::path& to) {
  std::filesystem::copy(from / "config.json", to / "config.json");
  ASSERT_TRUE(write_weights_file(to / "model.safetensors", tensors));
}

std::string old_name(std::string name) {
  for (const auto& [today, old] :
       {std::pair<std::string, std::string>{"weight", "gamma"}, {"bias", "beta"}}) {
    const std::string end = "LayerNorm." + today;
    if (name.ends_with(end)) return name.replace(name.size() - today.size(), today.size(), old);
  }
  return name;
}

TEST_F(BertMlmTiny, ReadsTheNamesOfOldCheckpoints) {
  const WeightsFile file = test::open_golden(kFolder / "model.safetensors");
  TensorTable renamed;
  for (const auto& [name, stored] : file.tensors()) renamed.emplace(old_name(name), stored);
  ASSERT_TRUE(renamed.contains("bert.embeddings.LayerNorm.gamma"));
  const test::TempDir old;
  copy_with(renamed, kFolder, old.path());
  EXPECT_TRUE(load(old.path()).project_tokens(batch_).equal(load(kFolder).project_tokens(batch_)));
}

TEST_F(BertMlmTiny, RefusesATensorUnderBothNames) {
  const WeightsFile file = test::open_golden(kFolder / "model.safetensors");
  TensorTable twice = file.tensors();
  twice.emplace("bert.embeddings.LayerNorm.gamma", twice.at("bert.embeddings.LayerNorm.weight"));
  const test::TempDir both;
  copy_with(twice, kFolder, both.path());
  const auto weights = open_weights(both.path());
  ASSERT_FALSE(weights);
  EXPECT_NE(
      weights.error().message.find("bert.embeddings.LayerNorm.weight is there under its old name"),
      std::string::npos)
      << weights.error().message;
}

TEST_F(BertMlmTiny, RefusesAPoolerThatIsNotThere) {
  ModelCard card;
  card.text_pooling = TextPooling::kPooler;
  const auto config = load_model_config(kFolder, card);
  const auto weights = open_model_weights(kFolder, *config, card);
  ASSERT_FALSE(weights);
  EXPECT_NE(weights.error().message.find("bert.pooler.dense.bias is missing"), std::string::npos)
      << weights.error().message;
}

// The layouts that have no test of their own in bfloat16, against themselves in float32, which is
// compared with the program that made them.
class InBfloat16 : public testing::TestWithParam<const char*> {};

TEST_P(InBfloat16, PointsWhereFloat32Does) {
  const c10::InferenceMode inference;
  const auto folder = kModels / GetParam();
  const WeightsFile inputs = test::open_golden(folder / "inputs.safetensors");
  const DualEncoder exact = load(folder);
  const DualEncoder rounded = load(folder, at::kBFloat16);
  int compared = 0;
  for (const auto& [name, stored] : inputs.tensors()) {
    if (!name.starts_with("pixel_values")) continue;
    const at::Tensor pixels = tensor(inputs, name.c_str());
    EXPECT_GE(test::least_cosine(rounded.project_pixels(pixels), exact.project_pixels(pixels)),
              0.999);
    ++compared;
  }
  if (inputs.find("input_ids") != nullptr) {
    const TokenBatch texts = test::token_batch(inputs);
    EXPECT_GE(test::least_cosine(rounded.project_tokens(texts), exact.project_tokens(texts)),
              0.999);
    ++compared;
  }
  EXPECT_GT(compared, 0);
}

INSTANTIATE_TEST_SUITE_P(Layouts, InBfloat16,
                         testing::Values("bert-tiny", "bert-mlm-tiny", "biomedclip-tiny",
                                         "dino-vits-tiny", "dinov2-tiny", "timm-tiny"));

TEST(Dinov2Tiny, ClassTokens) {
  const c10::InferenceMode inference;
  const auto folder = kModels / "dinov2-tiny";
  const WeightsFile inputs = test::open_golden(folder / "inputs.safetensors");
  const WeightsFile outputs = test::open_golden(folder / "outputs.safetensors");
  const DualEncoder model = load(folder);
  expect_near(model.project_pixels(tensor(inputs, "pixel_values")), tensor(outputs, "cls"), 1e-4,
              "cls");
  expect_near(model.project_pixels(tensor(inputs, "pixel_values_28x70")),
              tensor(outputs, "28x70.cls"), 1e-4, "other size");
}

/// Compares the class tokens of one batch with the stored ones.
void expect_class_tokens(const std::filesystem::path& folder, const char* pixels,
                         const char* stored, double tolerance) {
  const c10::InferenceMode inference;
  const WeightsFile inputs = test::open_golden(folder / "inputs.safetensors");
  expect_near(load(folder).project_pixels(tensor(inputs, pixels)),
              tensor(test::open_golden(folder / "outputs.safetensors"), stored), tolerance, "cls");
}

TEST(TimmTiny, ClassTokens) {
  expect_class_tokens(kModels / "timm-tiny", "pixel_values", "cls", 1e-4);
}

TEST(DinoVit, IsAnEncoderOfPictures) {
  expect_class_tokens(kModels / "dino-vits-tiny", "pixel_values_224", "224.cls", 2e-4);
}

TEST(BiomedClipTiny, Embeddings) {
  const c10::InferenceMode inference;
  const auto folder = kModels / "biomedclip-tiny";
  const WeightsFile inputs = test::open_golden(folder / "inputs.safetensors");
  const WeightsFile outputs = test::open_golden(folder / "outputs.safetensors");
  const DualEncoder model = load(folder);
  expect_near(model.project_pixels(tensor(inputs, "pixel_values")),
              tensor(outputs, "image_embeds_raw"), 1e-4, "image");
  expect_near(model.project_tokens(test::token_batch(inputs)), tensor(outputs, "text_embeds_raw"),
              1e-4, "text");
}

class ConchTiny : public testing::Test {
 protected:
  /// Without what stands for the appended token.
  [[nodiscard]] TokenBatch texts(const char* name) const {
    TokenBatch batch = ids_of(inputs_, name);
    batch.ids = batch.ids.narrow(1, 0, batch.ids.size(1) - 1);
    return batch;
  }

  const std::filesystem::path kFolder = kModels / "conch-tiny";
  c10::InferenceMode inference_;
  WeightsFile inputs_ = test::open_golden(kFolder / "inputs.safetensors");
  WeightsFile outputs_ = test::open_golden(kFolder / "outputs.safetensors");
};

TEST_F(ConchTiny, Embeddings) {
  const DualEncoder model = load(kFolder);
  const at::Tensor images = model.project_pixels(tensor(inputs_, "pixel_values"));
  const at::Tensor embedded = model.project_tokens(texts("input_ids"));
  expect_near(images, tensor(outputs_, "image_embeds_raw"), 1e-4, "image_raw");
  expect_near(embedded, tensor(outputs_, "text_embeds_raw"), 1e-4, "text_raw");
  expect_near(unit_rows(images), tensor(outputs_, "image_embeds"), 2e-5, "image_unit");
  expect_near(unit_rows(embedded), tensor(outputs_, "text_embeds"), 2e-5, "text_unit");
}

TEST_F(ConchTiny, TheLongestTexts) {
  expect_near(load(kFolder).project_tokens(texts("longest_ids")),
              tensor(outputs_, "longest_embeds_raw"), 1e-4, "longest");
}

TEST_F(ConchTiny, NeedsNoPaddingToTheFullLength) {
  const DualEncoder model = load(kFolder);
  const at::Tensor ids = texts("input_ids").ids;
  const at::Tensor expected = tensor(outputs_, "text_embeds_raw");
  for (std::int64_t row = 0; row < ids.size(0); ++row) {
    TokenBatch alone;
    alone.ids = ids.narrow(0, row, 1).narrow(1, 0, ids[row].ne(0).sum().item<std::int64_t>());
    expect_near(model.project_tokens(alone), expected.narrow(0, row, 1), 1e-4, "alone");
  }
}

TEST_F(ConchTiny, Bf16KeepsTheDirection) {
  const DualEncoder model = load(kFolder, at::kBFloat16);
  EXPECT_GE(test::least_cosine(model.project_pixels(tensor(inputs_, "pixel_values")),
                               tensor(outputs_, "image_embeds")),
            0.999);
  EXPECT_GE(
      test::least_cosine(model.project_tokens(texts("input_ids")), tensor(outputs_, "text_embeds")),
      0.999);
}

TEST_F(ConchTiny, TheWholeFolderFromWordsToVectors) {
  // The reference cuts what is longer than the tower reads.
  const auto encoder =
      load_local_encoder(kFolder, {.dtype = DtypeChoice::kFp32, .long_texts = LongText::kCut});
  ASSERT_TRUE(encoder) << encoder.error().message;
  EXPECT_EQ((*encoder)->info().input_width, 32);
  const Json given = test::read_json(kFolder / "inputs.json")["texts"];
  const auto rows = (*encoder)->encode_texts(given.get<std::vector<std::string>>());
  ASSERT_TRUE(rows) << rows.error().message;
  const at::Tensor expected = tensor(outputs_, "text_embeds");
  for (std::size_t i = 0; i < rows->rows; ++i) {
    for (std::size_t k = 0; k < rows->dimension; ++k) {
      EXPECT_NEAR(
          rows->row(i)[k],
          expected[static_cast<std::int64_t>(i)][static_cast<std::int64_t>(k)].item<float>(), 2e-5)
          << given[i];
    }
  }
}

}  // namespace
}  // namespace clippath
