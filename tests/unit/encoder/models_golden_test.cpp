// SPDX-License-Identifier: Apache-2.0
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include <cmath>
#include <utility>

#include "encoder/models/dual_encoder.h"
#include "encoder/models/text_transformer.h"
#include "encoder/models/vision_transformer.h"
#include "encoder/runtime/golden_outputs.h"
#include "encoder/weights/weights_writer.h"
#include "tests/support/golden_files.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/encoder/golden_tensors.h"

namespace clippath {
namespace {

using test::expect_near;
using test::tensor;

const std::filesystem::path kModels = test::golden_dir() / "models";
const std::filesystem::path kBundled = test::source_dir() / "demo/model/atlas-clippath-small";

at::Tensor unit_rows(const at::Tensor& x) { return x.div(x.norm(2, 1, true)); }

class BertTiny : public testing::Test {
 protected:
  TextTransformer tower(TextPooling pooling) const {
    const WeightsFile weights = test::open_golden(kModels / "bert-tiny/model.safetensors");
    ModelCard card;
    card.text_pooling = pooling;
    const auto config = load_model_config(kModels / "bert-tiny", card);
    EXPECT_TRUE(check_tensors(weights.tensors(), expected_tensors(*config)));
    return TextTransformer(StoredWeights(weights.tensors(), at::kFloat), *config->text);
  }

  c10::InferenceMode inference_;
  WeightsFile outputs_ = test::open_golden(kModels / "bert-tiny/outputs.safetensors");
  TokenBatch batch_ =
      test::token_batch(test::open_golden(kModels / "bert-tiny/inputs.safetensors"));
};

TEST_F(BertTiny, HiddenStates) {
  const at::Tensor shown = batch_.mask.to(at::kFloat).unsqueeze(-1);
  expect_near(tower(TextPooling::kCls).hidden_states(batch_).mul(shown),
              tensor(outputs_, "last_hidden_state").mul(shown), 1e-4, "hidden_states");
}

TEST_F(BertTiny, FirstToken) {
  expect_near(tower(TextPooling::kCls).features(batch_), tensor(outputs_, "cls"), 5e-5, "cls");
}

TEST_F(BertTiny, Pooler) {
  expect_near(tower(TextPooling::kPooler).features(batch_), tensor(outputs_, "pooler_output"), 5e-5,
              "pooler");
}

TEST_F(BertTiny, MaskedMean) {
  expect_near(tower(TextPooling::kMean).features(batch_), tensor(outputs_, "mean"), 5e-5, "mean");
}

TEST_F(BertTiny, PaddingChangesNothing) {
  const TextTransformer mean = tower(TextPooling::kMean);
  const at::Tensor together = mean.features(batch_);
  for (std::int64_t row = 0; row < batch_.ids.size(0); ++row) {
    const auto length = batch_.mask[row].sum().item<std::int64_t>();
    TokenBatch alone;
    alone.ids = batch_.ids.narrow(0, row, 1).narrow(1, 0, length);
    alone.token_types = batch_.token_types.narrow(0, row, 1).narrow(1, 0, length);
    expect_near(mean.features(alone), together.narrow(0, row, 1), 1e-5, "alone");
  }
}

DualEncoder load_dual(const std::filesystem::path& folder, TextPooling pooling,
                      at::ScalarType type) {
  ModelCard card;
  card.text_pooling = pooling;
  const auto config = load_model_config(folder, card);
  EXPECT_TRUE(config);
  const auto weights = open_checked_weights(folder, expected_tensors(*config));
  EXPECT_TRUE(weights) << weights.error().message;
  return DualEncoder(weights->tensors(), *config, Towers::kBoth, type);
}

class DualTiny : public testing::Test {
 protected:
  c10::InferenceMode inference_;
  WeightsFile inputs_ = test::open_golden(kModels / "dual-tiny/inputs.safetensors");
  WeightsFile outputs_ = test::open_golden(kModels / "dual-tiny/outputs.safetensors");
  WeightsFile weights_ = test::open_golden(kModels / "dual-tiny/model.safetensors");
  ModelConfig config_ = *load_model_config(kModels / "dual-tiny", {});
};

TEST_F(DualTiny, VisionTower) {
  const VisionTransformer tower(StoredWeights(weights_.tensors(), at::kFloat), *config_.vision);
  const at::Tensor pixels = tensor(inputs_, "pixel_values");
  expect_near(tower.hidden_states(pixels), tensor(outputs_, "vision_last_hidden_state"), 2e-4,
              "hidden_states");
  expect_near(tower.features(pixels), tensor(outputs_, "vision_pooler_output"), 2e-4, "pooler");
}

TEST_F(DualTiny, TextTower) {
  const TextTransformer tower(StoredWeights(weights_.tensors(), at::kFloat), *config_.text);
  const TokenBatch batch = test::token_batch(inputs_);
  expect_near(tower.hidden_states(batch), tensor(outputs_, "text_last_hidden_state"), 2e-4,
              "hidden_states");
  expect_near(tower.features(batch), tensor(outputs_, "text_pooler_output"), 2e-4, "pooler");
}

TEST_F(DualTiny, EmbeddingsAndLogits) {
  const DualEncoder model = load_dual(kModels / "dual-tiny", TextPooling::kPooler, at::kFloat);
  const at::Tensor images = model.project_pixels(tensor(inputs_, "pixel_values"));
  const at::Tensor texts = model.project_tokens(test::token_batch(inputs_));
  expect_near(images, tensor(outputs_, "image_embeds_raw"), 2e-4, "image_raw");
  expect_near(texts, tensor(outputs_, "text_embeds_raw"), 2e-4, "text_raw");
  expect_near(unit_rows(images), tensor(outputs_, "image_embeds"), 2e-5, "image_unit");
  expect_near(unit_rows(texts), tensor(outputs_, "text_embeds"), 2e-5, "text_unit");
  const double scale = std::exp(tensor(weights_, "logit_scale").item<double>());
  expect_near(unit_rows(images).matmul(unit_rows(texts).t()).mul(scale),
              tensor(outputs_, "logits_per_image"), 1e-3, "logits");
}

TEST(BundledModel, EqualsItsGoldenEmbeddings) {
  const c10::InferenceMode inference;
  const WeightsFile golden = test::open_golden(kBundled / "golden.safetensors");
  const DualEncoder model = load_dual(kBundled, TextPooling::kMean, at::kFloat);
  expect_near(unit_rows(model.project_pixels(tensor(golden, "pixel_values"))),
              tensor(golden, "image_embeds"), 2e-5, "image");
  expect_near(unit_rows(model.project_tokens(test::token_batch(golden))),
              tensor(golden, "text_embeds"), 2e-5, "text");
}

TEST(BundledModel, GoldenOutputsTellTheRightPoolingFromAnother) {
  const auto golden = kBundled / "golden.safetensors";
  const auto right = compare_golden(load_dual(kBundled, TextPooling::kMean, at::kFloat), golden);
  const auto wrong = compare_golden(load_dual(kBundled, TextPooling::kCls, at::kFloat), golden);
  ASSERT_TRUE(right && wrong);
  EXPECT_GE(right->least_cosine(), 0.99999);
  EXPECT_LE(right->texts->largest_difference, 2e-5);
  EXPECT_LT(wrong->texts->least_cosine, 0.999);
  EXPECT_GT(wrong->texts->largest_difference, 0.01);
  EXPECT_EQ(wrong->least_cosine(), wrong->texts->least_cosine);
}

TEST(BundledModel, RefusesGoldenOutputsThatAreNotOneForEachInput) {
  const DualEncoder model = load_dual(kBundled, TextPooling::kMean, at::kFloat);
  const WeightsFile golden = test::open_golden(kBundled / "golden.safetensors");
  const test::TempDir folder;
  const auto path = folder.path() / "golden.safetensors";
  for (const char* name : {"image_embeds", "text_embeds"}) {
    TensorTable tensors = golden.tensors();
    StoredTensor& stored = tensors.at(name);
    stored.bytes = stored.bytes.first(stored.bytes.size() /
                                      static_cast<std::size_t>(std::exchange(stored.shape[0], 1)));
    ASSERT_TRUE(write_weights_file(path, tensors));
    const auto agreement = compare_golden(model, path);
    ASSERT_FALSE(agreement) << name;
    EXPECT_EQ(agreement.error().kind, ErrorKind::kInvalidArgument);
    EXPECT_NE(agreement.error().message.find(std::string(name) + " has shape [1, "),
              std::string::npos)
        << agreement.error().message;
  }
}

TEST(BundledModel, Bf16KeepsTheDirection) {
  const auto agreement = compare_golden(load_dual(kBundled, TextPooling::kMean, at::kBFloat16),
                                        kBundled / "golden.safetensors");
  ASSERT_TRUE(agreement) << agreement.error().message;
  EXPECT_GE(agreement->least_cosine(), 0.999);
}

}  // namespace
}  // namespace clippath
