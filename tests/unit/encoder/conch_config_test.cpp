// SPDX-License-Identifier: Apache-2.0
#include "encoder/weights/conch_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "encoder/runtime/model_info.h"
#include "encoder/weights/architecture.h"
#include "tests/unit/encoder/fault_of_tensors.h"

namespace clippath {
namespace {

using testing::HasSubstr;

const std::filesystem::path kTiny =
    std::filesystem::path(CLIPPATH_SOURCE_DIR) / "tests/golden/models/conch-tiny";

/// The numbers of the released model.
Json released() {
  return *parse_json(R"({
    "embed_dim": 512, "embed_dim_caption": 768, "custom_text": true,
    "vision_cfg": {"image_size": 448, "patch_size": 16, "attn_pooler_heads": 8,
                   "attentional_pool_contrast": true, "n_queries_contrast": 1,
                   "attentional_pool_caption": true, "n_queries_caption": 256},
    "text_cfg": {"vocab_size": 32007, "context_length": 128, "embed_cls": true,
                 "width": 768, "heads": 12, "layers": 12},
    "multimodal_cfg": {"layers": 12, "width": 768}})");
}

TEST(ConchConfig, HasTheTensorsOfTheReleasedModel) {
  ASSERT_TRUE(is_conch_config(released()));
  const auto config = parse_conch_config(released());
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->dimension, 512);
  EXPECT_EQ(text_token_limit({}, *config->text).value(), 127U);
  const ExpectedTensors expected = expected_tensors(*config);
  const std::map<std::string, TensorShape> known = {
      {"visual.trunk.pos_embed", {1, 785, 768}},
      {"visual.trunk.blocks.11.mlp.fc1.weight", {3072, 768}},
      {"visual.attn_pool_contrast.query", {1, 512}},
      {"visual.attn_pool_contrast.ln_q.weight", {512}},
      {"visual.attn_pool_contrast.ln_k.bias", {768}},
      {"visual.attn_pool_contrast.attn.q_proj_weight", {512, 512}},
      {"visual.attn_pool_contrast.attn.k_proj_weight", {512, 768}},
      {"visual.attn_pool_contrast.attn.v_proj_weight", {512, 768}},
      {"visual.attn_pool_contrast.attn.in_proj_bias", {1536}},
      {"visual.attn_pool_contrast.attn.out_proj.weight", {512, 512}},
      {"visual.ln_contrast.weight", {512}},
      {"visual.proj_contrast", {512, 512}},
      {"text.cls_emb", {768}},
      {"text.token_embedding.weight", {32007, 768}},
      {"text.positional_embedding", {128, 768}},
      {"text.transformer.resblocks.11.attn.in_proj_weight", {2304, 768}},
      {"text.ln_final.weight", {768}},
      {"text.text_projection", {768, 512}},
      {"logit_scale", {}}};
  for (const auto& [name, shape] : known) {
    ASSERT_TRUE(expected.contains(name)) << name;
    EXPECT_EQ(expected.at(name), shape) << name;
  }
}

TEST(ConchConfig, RefusesWhatIsNotComputed) {
  struct Case {
    const char* where;
    const char* key;
    Json value;
    ErrorKind kind;
  };
  constexpr auto kUnsupported = ErrorKind::kUnsupported;
  constexpr auto kInvalid = ErrorKind::kInvalidArgument;
  const std::vector<Case> cases = {{"vision_cfg", "n_queries_contrast", 2, kUnsupported},
                                   {"vision_cfg", "attn_pooler_heads", 4, kUnsupported},
                                   {"vision_cfg", "attentional_pool_contrast", false, kUnsupported},
                                   {"vision_cfg", "patch_size", 15, kInvalid},
                                   {"vision_cfg", "num_heads", 7, kInvalid},
                                   {"text_cfg", "embed_cls", false, kUnsupported},
                                   {"text_cfg", "ls_init_value", 0.1, kUnsupported},
                                   {"text_cfg", "pad_id", 1.5, kInvalid},
                                   {"text_cfg", "pad_id", 32007, kInvalid},
                                   {"", "embed_dim", 500, kInvalid},
                                   {"", "vision_cfg", "ViT", kInvalid}};
  for (const Case& wrong : cases) {
    Json json = released();
    (*wrong.where == '\0' ? json : json[wrong.where])[wrong.key] = wrong.value;
    const auto config = parse_conch_config(json);
    ASSERT_FALSE(config) << wrong.where << "." << wrong.key;
    EXPECT_EQ(config.error().kind, wrong.kind) << config.error().message;
    EXPECT_THAT(config.error().message, HasSubstr(wrong.key));
  }
  Json json = released();
  json.erase("text_cfg");
  EXPECT_THAT(parse_conch_config(json).error().message, HasSubstr("text_cfg"));
}

TEST(ConchConfig, LimitsTextsToThePositionsBeforeTheAppendedToken) {
  const auto config = parse_conch_config(released());
  ModelCard card;
  card.max_text_tokens = 127;
  EXPECT_EQ(text_token_limit(card, *config->text).value(), 127U);
  card.max_text_tokens = 128;
  const auto refused = text_token_limit(card, *config->text);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("128 tokens do not fit"));
}

class ConchTensors : public testing::Test {
 protected:
  [[nodiscard]] std::string message() const { return test::fault_of(table_, expected_); }
  const Weights weights_ = *open_weights(kTiny);
  TensorTable table_ = weights_.tensors();
  const ExpectedTensors expected_ = expected_tensors(*load_model_config(kTiny, {}));
};

TEST_F(ConchTensors, IgnoresWhatWritesCaptions) {
  ASSERT_TRUE(table_.contains("visual.attn_pool_caption.query"));
  ASSERT_TRUE(table_.contains("visual.ln_caption.weight"));
  table_["text_decoder.cross_attn.0.ln_1_kv.weight"] = {TensorType::kF16, {32}, {}};
  table_["text_decoder.text_projection"] = {TensorType::kF16, {32, 320}, {}};
  EXPECT_EQ(message(), "");
}

TEST_F(ConchTensors, NamesEveryMissingOne) {
  test::expect_every_missing_one_named(table_, expected_);
}

TEST_F(ConchTensors, NamesASurplusOne) {
  for (const char* name : {"visual.attn_pool_contrast.attn.in_proj_weight", "visual.head.weight",
                           "text.cls_emb2", "visual.trunk.blocks.2.norm1.weight"}) {
    table_[name] = {TensorType::kF16, {32}, {}};
    EXPECT_THAT(message(), HasSubstr(std::string(name) + " is surplus"));
    table_.erase(name);
  }
}

TEST_F(ConchTensors, RefusesAnotherNumberOfQueries) {
  table_["visual.attn_pool_contrast.query"].shape = {256, 32};
  EXPECT_THAT(message(), HasSubstr("visual.attn_pool_contrast.query has shape [256, 32], the "
                                   "configuration needs [1, 32]"));
}

TEST(ModelInfo, OfConchLeavesCaptionsOut) {
  const auto info = describe_model(kTiny);
  ASSERT_TRUE(info) << info.error().message;
  EXPECT_EQ(info->config.layout, "CONCH");
  EXPECT_EQ(info->max_text_tokens, 23U);
  std::int64_t captions = 0;
  const Weights weights = *open_weights(kTiny);
  std::int64_t all = 0;
  for (const auto& [name, tensor] : weights.tensors()) {
    all += tensor.element_count();
    if (name.find("caption") != std::string::npos) captions += tensor.element_count();
  }
  EXPECT_GT(captions, 0);
  EXPECT_EQ(info->image_parameters + info->text_parameters + 1, all - captions);
}

}  // namespace
}  // namespace clippath
