// SPDX-License-Identifier: Apache-2.0
#include "encoder/weights/architecture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "clippath/encoder.h"
#include "encoder/runtime/model_info.h"
#include "encoder/weights/hugging_face_config.h"
#include "tests/unit/encoder/fault_of_tensors.h"

namespace clippath {
namespace {

using testing::HasSubstr;

std::filesystem::path golden_model(const char* name) {
  return std::filesystem::path(CLIPPATH_SOURCE_DIR) / "tests/golden/models" / name;
}

Json dual_config() {
  return *parse_json(R"({
    "model_type": "vision-text-dual-encoder", "projection_dim": 40, "anything_else": [1],
    "vision_config": {"model_type": "vit", "hidden_size": 64, "num_hidden_layers": 3,
                      "num_attention_heads": 4, "intermediate_size": 256},
    "text_config": {"model_type": "bert", "hidden_size": 48, "num_hidden_layers": 3,
                    "num_attention_heads": 4, "intermediate_size": 192, "vocab_size": 6000}})");
}

TEST(ModelConfig, FillsInTheDefaultsOfTheFormat) {
  const auto config = parse_dual_encoder_config(dual_config(), {});
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->vision->family, VisionFamily::kVit);
  EXPECT_EQ(config->vision->patches(), 196);
  EXPECT_EQ(config->vision->tower.norm_epsilon, 1e-12);
  EXPECT_EQ(config->text->positions, 512);
  EXPECT_EQ(config->dimension, 40);
}

TEST(ModelConfig, TakesAClipTowerForQuickGeluUnlessItSaysOtherwise) {
  Json json = dual_config();
  json["vision_config"] = Json{{"model_type", "clip_vision_model"}};
  EXPECT_EQ(parse_dual_encoder_config(json, {})->vision->tower.activation, Activation::kQuickGelu);
  EXPECT_EQ(parse_dual_encoder_config(json, {})->vision->patch_size, 32);
  json["vision_config"]["hidden_act"] = "gelu";
  EXPECT_EQ(parse_dual_encoder_config(json, {})->vision->tower.activation, Activation::kGelu);
}

TEST(ModelConfig, RefusesWhatTheTowersDoNotCompute) {
  struct Case {
    const char* where;
    const char* key;
    Json value;
    ErrorKind kind;
  };
  constexpr auto kUnsupported = ErrorKind::kUnsupported;
  constexpr auto kInvalid = ErrorKind::kInvalidArgument;
  const std::vector<Case> cases = {
      {"", "projection_dim", 0, kInvalid},
      {"vision_config", "model_type", "swin", kUnsupported},
      {"vision_config", "hidden_act", "relu", kUnsupported},
      {"vision_config", "num_channels", 1, kUnsupported},
      {"vision_config", "qkv_bias", false, kUnsupported},
      {"vision_config", "pooler_act", "relu", kUnsupported},
      {"vision_config", "patch_size", 15, kInvalid},
      {"vision_config", "num_attention_heads", 5, kInvalid},
      {"vision_config", "hidden_size", "64", kInvalid},
      {"vision_config", "hidden_size", -64, kInvalid},
      {"vision_config", "num_hidden_layers", 1e9, kInvalid},
      {"text_config", "model_type", "roberta", kUnsupported},
      {"text_config", "is_decoder", true, kUnsupported},
      {"text_config", "position_embedding_type", "relative_key", kUnsupported},
      {"text_config", "layer_norm_eps", -1, kInvalid},
      {"text_config", "vocab_size", 1.5, kInvalid},
  };
  for (const Case& wrong : cases) {
    Json json = dual_config();
    (*wrong.where == '\0' ? json : json[wrong.where])[wrong.key] = wrong.value;
    const auto config = parse_dual_encoder_config(json, {});
    ASSERT_FALSE(config) << wrong.where << "." << wrong.key;
    EXPECT_EQ(config.error().kind, wrong.kind) << config.error().message;
    EXPECT_THAT(config.error().message, HasSubstr(wrong.key));
  }
  Json json = dual_config();
  json.erase("text_config");
  EXPECT_THAT(parse_dual_encoder_config(json, {}).error().message, HasSubstr("text_config"));
}

Json dino_config() {
  return *parse_json(R"({"model_type": "dino_vit", "embed_dim": 96, "depth": 4, "num_heads": 3})");
}

TEST(AttentionConfig, ReadsBothLayoutsWithTheirOwnDefaults) {
  const auto dino = parse_attention_config(dino_config());
  ASSERT_TRUE(dino) << dino.error().message;
  EXPECT_EQ(dino->family, VisionFamily::kTimm);
  EXPECT_EQ(dino->position_scale, PositionScale::kDino);
  EXPECT_EQ(dino->tower.inner_width, 384);
  EXPECT_EQ(dino->tower.norm_epsilon, 1e-6);
  EXPECT_EQ(dino->patches(), 196);
  const auto vit = parse_attention_config(Json{{"model_type", "vit"}});
  ASSERT_TRUE(vit) << vit.error().message;
  EXPECT_EQ(vit->family, VisionFamily::kVit);
  EXPECT_EQ(vit->position_scale, PositionScale::kSizes);
  EXPECT_EQ(vit->tower.norm_epsilon, 1e-12);
  EXPECT_FALSE(vit->pooler);
}

TEST(AttentionConfig, RefusesWhatTheNetworkDoesNotCompute) {
  struct Case {
    const char* key;
    Json value;
    ErrorKind kind;
  };
  const std::vector<Case> cases = {{"model_type", "clip_vision_model", ErrorKind::kUnsupported},
                                   {"model_type", "dinov2", ErrorKind::kUnsupported},
                                   {"qkv_bias", false, ErrorKind::kUnsupported},
                                   {"hidden_act", "relu", ErrorKind::kUnsupported},
                                   {"num_heads", 5, ErrorKind::kInvalidArgument},
                                   {"num_heads", 0, ErrorKind::kInvalidArgument},
                                   {"depth", 1e9, ErrorKind::kInvalidArgument},
                                   {"mlp_ratio", -4, ErrorKind::kInvalidArgument},
                                   {"patch_size", 15, ErrorKind::kInvalidArgument}};
  for (const Case& wrong : cases) {
    Json json = dino_config();
    json[wrong.key] = wrong.value;
    const auto config = parse_attention_config(json);
    ASSERT_FALSE(config) << wrong.key;
    EXPECT_EQ(config.error().kind, wrong.kind) << config.error().message;
    EXPECT_THAT(config.error().message, HasSubstr(wrong.key));
  }
}

TEST(AttentionConfig, ExpectsTheTensorsOfItsLayout) {
  ExpectedTensors dino;
  expect_vision_tower(*parse_attention_config(dino_config()), dino);
  EXPECT_EQ(dino.at("blocks.3.attn.qkv.weight"), (TensorShape{288, 96}));
  EXPECT_EQ(dino.at("pos_embed"), (TensorShape{1, 197, 96}));
  ExpectedTensors vit;
  expect_vision_tower(*parse_attention_config(Json{{"model_type", "vit"}}), vit);
  EXPECT_TRUE(vit.contains("encoder.layer.11.attention.attention.query.weight"));
  EXPECT_FALSE(vit.contains("pooler.dense.weight"));
}

class CheckTensors : public testing::Test {
 protected:
  void SetUp() override {
    config_ = *parse_dual_encoder_config(dual_config(), {});
    expected_ = expected_tensors(config_);
    for (const auto& [name, shape] : expected_) table_[name] = {TensorType::kF16, shape, {}};
  }
  std::string message() const { return test::fault_of(table_, expected_); }
  ModelConfig config_;
  ExpectedTensors expected_;
  TensorTable table_;
};

TEST_F(CheckTensors, AcceptsExactlyTheArchitecture) { EXPECT_EQ(message(), ""); }

TEST_F(CheckTensors, NamesAMissingTensor) {
  table_.erase("text_model.encoder.layer.2.output.dense.bias");
  EXPECT_THAT(message(), HasSubstr("text_model.encoder.layer.2.output.dense.bias is missing"));
}

TEST_F(CheckTensors, NamesEveryMissingTensor) {
  test::expect_every_missing_one_named(table_, expected_);
}

TEST_F(CheckTensors, NamesASurplusTensor) {
  table_["text_model.encoder.layer.3.output.dense.bias"] = {TensorType::kF16, {48}, {}};
  EXPECT_THAT(message(), HasSubstr("layer.3.output.dense.bias is surplus"));
}

TEST_F(CheckTensors, NamesBothShapesWhereTheyDiffer) {
  table_["text_projection.weight"].shape = {48, 40};
  EXPECT_THAT(message(), HasSubstr("text_projection.weight has shape [48, 40], the configuration "
                                   "needs [40, 48]"));
}

TEST_F(CheckTensors, RefusesWholeNumbersAsWeights) {
  table_["logit_scale"].type = TensorType::kI64;
  EXPECT_THAT(message(), HasSubstr("logit_scale is of type I64"));
}

TEST_F(CheckTensors, IgnoresOnlyWhatIsListed) {
  table_["text_model.embeddings.position_ids"] = {TensorType::kI64, {1, 512}, {}};
  table_["text_model.cls.predictions.bias"] = {TensorType::kF16, {6000}, {}};
  table_["head.last_layer.weight_g"] = {TensorType::kF16, {65536, 1}, {}};
  EXPECT_EQ(message(), "");
  table_["vision_model.cls.extra"] = {TensorType::kF16, {1}, {}};
  EXPECT_THAT(message(), HasSubstr("vision_model.cls.extra is surplus"));
}

TEST_F(CheckTensors, LetsAnUnusedPoolerBe) {
  config_.text->pooling = TextPooling::kMean;
  expected_ = expected_tensors(config_);
  EXPECT_FALSE(expected_.contains("text_model.pooler.dense.weight"));
  EXPECT_EQ(message(), "");
}

TEST(ModelInfo, CountsTheParametersOfBothTowers) {
  const auto info = describe_model(golden_model("dual-tiny"));
  ASSERT_TRUE(info) << info.error().message;
  EXPECT_EQ(info->weights_type, "F16");
  EXPECT_EQ(info->card.name, "dual-tiny");
  // Every element is two bytes; one more is logit_scale.
  EXPECT_EQ(info->image_parameters + info->text_parameters + 1, 1241090 / 2);
  EXPECT_EQ(info->id.value.size(), 32U);
}

TEST(ModelInfo, IdentityIsThatOfTheRecipe) {
  // By the recipe of identity.h, computed apart with Python's hashlib.
  EXPECT_EQ(describe_model(golden_model("dual-tiny"))->id.value,
            "fadf0d92b3628cb64873d2c67e6715d1");
  EXPECT_EQ(encoder_identity(std::filesystem::path(CLIPPATH_SOURCE_DIR) /
                             "demo/model/atlas-clippath-small")
                ->value,
            "f48d38d8c2a0742e6123922580f56724");
}

}  // namespace
}  // namespace clippath
