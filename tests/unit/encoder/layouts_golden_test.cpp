// SPDX-License-Identifier: Apache-2.0
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <initializer_list>
#include <stdexcept>
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

/// Compares the class tokens of one batch with the stored ones.
void expect_class_tokens(const std::filesystem::path& folder, const char* pixels,
                         const char* stored, double tolerance) {
  const c10::InferenceMode inference;
  const WeightsFile inputs = test::open_golden(folder / "inputs.safetensors");
  expect_near(load(folder).project_pixels(tensor(inputs, pixels)),
              tensor(test::open_golden(folder / "outputs.safetensors"), stored), tolerance, "cls");
}

TEST(Dinov2Tiny, ClassTokens) {
  const auto folder = kModels / "dinov2-tiny";
  expect_class_tokens(folder, "pixel_values", "cls", 1e-4);
  expect_class_tokens(folder, "pixel_values_28x70", "28x70.cls", 1e-4);
}

TEST(Dinov2PlainTiny, ClassTokens) {
  const auto folder = kModels / "dinov2-plain-tiny";
  expect_class_tokens(folder, "pixel_values", "cls", 2e-5);
  expect_class_tokens(folder, "pixel_values_28x70", "28x70.cls", 2e-5);
}

TEST(UniTiny, ClassTokens) {
  expect_class_tokens(kModels / "uni-tiny", "pixel_values", "cls", 2e-5);
  expect_class_tokens(kModels / "uni-tiny", "pixel_values_16x40", "16x40.cls", 2e-5);
}

TEST(TimmTiny, ClassTokens) {
  expect_class_tokens(kModels / "timm-tiny", "pixel_values", "cls", 1e-4);
}

/// A tensor in memory as a file holds it. @param values  contiguous float32; must outlive it.
StoredTensor stored(const at::Tensor& values) {
  return {TensorType::kF32,
          values.sizes().vec(),
          {static_cast<const std::uint8_t*>(values.data_ptr()), values.nbytes()}};
}

// timm's no_embed_class, as UNI2-h and H-optimus: the same model, the positions of its first tokens
// added to them beforehand.
TEST(TimmTiny, NeedsNoPositionsOfItsFirstTokens) {
  const c10::InferenceMode inference;
  const auto folder = kModels / "timm-tiny";
  const WeightsFile file = test::open_golden(folder / "model.safetensors");
  const at::Tensor positions = tensor(file, "pos_embed");
  const at::Tensor first = tensor(file, "cls_token").add(positions.narrow(1, 0, 1));
  const at::Tensor registers = tensor(file, "reg_token").add(positions.narrow(1, 1, 2));
  const at::Tensor of_patches = positions.narrow(1, 3, 16).contiguous();
  TensorTable tensors = file.tensors();
  tensors["cls_token"] = stored(first);
  tensors["reg_token"] = stored(registers);
  tensors["pos_embed"] = stored(of_patches);
  const test::TempDir patches_alone;
  copy_with(tensors, folder, patches_alone.path());
  expect_near(
      load(patches_alone.path())
          .project_pixels(tensor(test::open_golden(folder / "inputs.safetensors"), "pixel_values")),
      tensor(test::open_golden(folder / "outputs.safetensors"), "cls"), 1e-4, "cls");
}

TEST(DinoVit, IsAnEncoderOfPictures) {
  expect_class_tokens(kModels / "dino-vits-tiny", "pixel_values_224", "224.cls", 2e-4);
}

/// Compares the projections of both towers with the stored ones.
void expect_projections(const std::filesystem::path& folder, double tolerance) {
  const c10::InferenceMode inference;
  const WeightsFile inputs = test::open_golden(folder / "inputs.safetensors");
  const WeightsFile outputs = test::open_golden(folder / "outputs.safetensors");
  const DualEncoder model = load(folder);
  expect_near(model.project_pixels(tensor(inputs, "pixel_values")),
              tensor(outputs, "image_embeds_raw"), tolerance, "image");
  expect_near(model.project_tokens(test::token_batch(inputs)), tensor(outputs, "text_embeds_raw"),
              tolerance, "text");
}

/// The whole folder, from words to unit vectors.
void expect_words_to_vectors(const std::filesystem::path& folder, double tolerance) {
  const c10::InferenceMode inference;
  // The reference cuts what is longer than the tower reads.
  const auto encoder =
      load_local_encoder(folder, {.dtype = DtypeChoice::kFp32, .long_texts = LongText::kCut});
  ASSERT_TRUE(encoder) << encoder.error().message;
  EXPECT_EQ((*encoder)->info().input_width, 32);
  const Json given = test::read_json(folder / "inputs.json")["texts"];
  const auto rows = (*encoder)->encode_texts(given.get<std::vector<std::string>>());
  ASSERT_TRUE(rows) << rows.error().message;
  const at::Tensor expected =
      tensor(test::open_golden(folder / "outputs.safetensors"), "text_embeds");
  for (std::size_t i = 0; i < rows->rows; ++i) {
    for (std::size_t k = 0; k < rows->dimension; ++k) {
      EXPECT_NEAR(
          rows->row(i)[k],
          expected[static_cast<std::int64_t>(i)][static_cast<std::int64_t>(k)].item<float>(),
          tolerance)
          << given[i];
    }
  }
}

TEST(BiomedClipTiny, Embeddings) { expect_projections(kModels / "biomedclip-tiny", 1e-4); }

TEST(DualClipTiny, Embeddings) { expect_projections(kModels / "dual-clip-tiny", 2e-5); }

TEST(DualClipTiny, TheWholeFolderFromWordsToVectors) {
  expect_words_to_vectors(kModels / "dual-clip-tiny", 5e-6);
}

TEST(DualClipTiny, ReadsTheNamesOfNewerCheckpoints) {
  const c10::InferenceMode inference;
  const auto folder = kModels / "dual-clip-tiny";
  const std::string twice = "vision_model.vision_model.";
  const WeightsFile file = test::open_golden(folder / "model.safetensors");
  TensorTable renamed;
  for (const auto& [name, stored] : file.tensors()) {
    renamed.emplace(name.starts_with(twice) ? name.substr(twice.size() / 2) : name, stored);
  }
  ASSERT_TRUE(renamed.contains("vision_model.embeddings.class_embedding"));
  const test::TempDir newer;
  copy_with(renamed, folder, newer.path());
  const at::Tensor pixels =
      tensor(test::open_golden(folder / "inputs.safetensors"), "pixel_values");
  EXPECT_TRUE(load(newer.path()).project_pixels(pixels).equal(load(folder).project_pixels(pixels)));
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

TEST_F(ConchTiny, TheWholeFolderFromWordsToVectors) { expect_words_to_vectors(kFolder, 2e-5); }

/// Where the inputs and outputs of a model lie: beside it, or in the folder that it names.
std::filesystem::path data_of(const std::filesystem::path& model) {
  if (std::filesystem::exists(model / "inputs.safetensors")) return model;
  return kModels / test::read_json(model / "inputs.json")["as"].get<std::string>();
}

at::Tensor first_of(const WeightsFile& outputs, const std::string& before,
                    std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (outputs.find(before + name) != nullptr) return tensor(outputs, before + name);
  }
  throw std::runtime_error("no embeddings are stored behind '" + before + "'");
}

/// @param pixels  "pixel_values", or "pixel_values_28x70", whose embeddings lie behind "28x70.".
at::Tensor stored_of_pictures(const WeightsFile& outputs, const std::string& pixels) {
  const auto size = pixels.find_first_of("0123456789");
  const std::string before = size == std::string::npos ? "" : pixels.substr(size) + ".";
  return first_of(outputs, before, {"image_embeds_raw", "cls", "dino.cls"});
}

/// Without what stands for a token that the tower appends itself.
TokenBatch texts_of(const WeightsFile& inputs, const TextConfig& config) {
  TokenBatch batch = test::token_batch(inputs);
  const std::int64_t positions = config.text_positions();
  if (batch.ids.size(1) > positions) batch.ids = batch.ids.narrow(1, 0, positions);
  return batch;
}

// Found by listing, so that a new model cannot be forgotten.
TEST(EveryModel, KeepsItsDirectionsInBfloat16) {
  const c10::InferenceMode inference;
  for (const auto& entry : std::filesystem::directory_iterator(kModels)) {
    const std::filesystem::path& folder = entry.path();
    SCOPED_TRACE(folder.filename().string());
    const WeightsFile inputs = test::open_golden(data_of(folder) / "inputs.safetensors");
    const WeightsFile outputs = test::open_golden(data_of(folder) / "outputs.safetensors");
    const DualEncoder model = load(folder, at::kBFloat16);
    int batches = 0;
    for (const auto& [name, stored] : inputs.tensors()) {
      if (!name.starts_with("pixel_values")) continue;
      EXPECT_GE(test::least_cosine(model.project_pixels(tensor(inputs, name)),
                                   stored_of_pictures(outputs, name)),
                0.999)
          << name;
      ++batches;
    }
    EXPECT_EQ(batches > 0, model.has_images());
    if (!model.has_texts()) continue;
    const TokenBatch texts = texts_of(inputs, *load_model_config(folder, {})->text);
    EXPECT_GE(
        test::least_cosine(model.project_tokens(texts),
                           first_of(outputs, "", {"text_embeds_raw", "pooler_output", "mean"})),
        0.999);
  }
}

}  // namespace
}  // namespace clippath
