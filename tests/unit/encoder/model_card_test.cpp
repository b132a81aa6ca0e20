// SPDX-License-Identifier: Apache-2.0
#include "clippath/model_card.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temp_dir.h"

namespace clippath {
namespace {

using testing::HasSubstr;

Result<ModelCard> card_of(const std::string& json) {
  const test::TempDir folder;
  std::ofstream(folder.path() / "clippath.json") << json;
  return load_model_card(folder.path());
}

TEST(ModelCard, ReadsTheBundledModel) {
  const auto card = load_model_card(std::filesystem::path(CLIPPATH_SOURCE_DIR) /
                                    "demo/model/atlas-clippath-small");
  ASSERT_TRUE(card) << card.error().message;
  EXPECT_EQ(card->name, "atlas-clippath-small");
  EXPECT_TRUE(card->demo);
  EXPECT_EQ(card->text_pooling, TextPooling::kMean);
  EXPECT_EQ(card->max_text_tokens, 64);
  EXPECT_EQ(card->extent_um, (std::vector<double>{512, 1536}));
  EXPECT_EQ(card->default_extent_um, 512);
  EXPECT_EQ(card->training_slides.size(), 87U);
  EXPECT_EQ(card->golden, "golden.safetensors");
}

TEST(ModelCard, HasDefaultsForAFolderWithoutOne) {
  const test::TempDir folder;
  const auto path = folder.path() / "plain-model";
  std::filesystem::create_directory(path);
  const auto card = load_model_card(path / "");
  ASSERT_TRUE(card);
  EXPECT_EQ(card->name, "plain-model");
  EXPECT_FALSE(card->text_pooling.has_value());
  EXPECT_EQ(card->max_text_tokens, 0);
  EXPECT_FALSE(card->demo);
}

TEST(ModelCard, SaysThatThereIsNoFolder) {
  const auto card = load_model_card("/no/such/model");
  ASSERT_FALSE(card);
  EXPECT_EQ(card.error().kind, ErrorKind::kNotFound);
  EXPECT_THAT(card.error().message, HasSubstr("/no/such/model"));
}

TEST(ModelCard, RefusesWrongFieldsByName) {
  const std::vector<std::pair<const char*, const char*>> wrong = {
      {R"({})", "format"},
      {R"({"format":2})", "format"},
      {R"({"format":1,"text_poling":"mean"})", "text_poling"},
      {R"({"format":1,"text_pooling":"max"})", "pooler, cls, mean"},
      {R"({"format":1,"layout":"swin"})", "layout"},
      {R"({"format":1,"max_text_tokens":1})", "max_text_tokens"},
      {R"({"format":1,"extent_um":[512,-1]})", "extent_um"},
      {R"({"format":1,"golden":"../secret"})", "golden"},
      {R"({"format":1,"golden":"/etc/passwd"})", "golden"},
      {R"({"format":1,"demo":"yes"})", "demo"},
      {R"([])", "object"},
      {R"({"format":1,)", "JSON"}};
  for (const auto& [json, message] : wrong) {
    const auto card = card_of(json);
    ASSERT_FALSE(card) << json;
    EXPECT_EQ(card.error().kind, ErrorKind::kInvalidArgument) << json;
    EXPECT_THAT(card.error().message, HasSubstr(message)) << json;
    EXPECT_THAT(card.error().message, HasSubstr("clippath.json")) << json;
  }
}

}  // namespace
}  // namespace clippath
