// SPDX-License-Identifier: Apache-2.0
#include "clippath/data_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "clippath/core/files.h"
#include "core/json/json.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/store/test_rows.h"

namespace clippath {
namespace {

namespace fs = std::filesystem;
using test::kOtherEncoder;
using test::kTestEncoder;

void write_text(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

class DataFolderTest : public testing::Test {
 protected:
  [[nodiscard]] fs::path path() const { return folder_.path() / "a" / "data"; }
  Result<std::unique_ptr<DataFolder>> open(Access access = Access::kWrite) {
    return DataFolder::open(path(), access, "test");
  }
  [[nodiscard]] fs::path make_model() const {
    const fs::path model = folder_.path() / "model";
    write_text(model / "config.json", "{}");
    write_text(model / "model.safetensors", "weights");
    write_text(model / "deeper" / "notes.txt", "not part of the model");
    return model;
  }

  test::TempDir folder_;
};

TEST_F(DataFolderTest, IsMadeWhereThereIsNone) {
  {
    const auto folder = open();
    ASSERT_TRUE(folder) << folder.error().message;
    EXPECT_TRUE((*folder)->encoders().empty());
    EXPECT_TRUE(fs::exists(path() / "LOCK"));
    EXPECT_TRUE(fs::exists(path() / "records"));
  }
  const auto json = parse_json(*read_text_file(path() / "clippath.json", 65536));
  ASSERT_TRUE(json);
  EXPECT_EQ((*json)["format"], 2);
  EXPECT_EQ((*json)["profile"], "research");
  EXPECT_EQ((*json)["created"].get<std::string>().size(), 20U);
  EXPECT_TRUE(open(Access::kRead));
}

TEST_F(DataFolderTest, IsMadeInAnEmptyFolderOrAHalfMadeOne) {
  fs::create_directories(path());
  write_text(path() / "LOCK", "");
  write_text(path() / "clippath.json.tmp", "{");
  EXPECT_TRUE(open());
}

TEST_F(DataFolderTest, IsNotMadeAmongOtherThings) {
  write_text(path() / "thesis.txt", "mine");
  const auto folder = open();
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().kind, ErrorKind::kFailedPrecondition);
  EXPECT_THAT(folder.error().message, testing::HasSubstr("thesis.txt"));
  EXPECT_FALSE(fs::exists(path() / "LOCK"));
}

TEST_F(DataFolderTest, IsNotThereForReadingBeforeItWasMade) {
  const auto folder = open(Access::kRead);
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().kind, ErrorKind::kNotFound);
  EXPECT_FALSE(fs::exists(path()));
}

TEST_F(DataFolderTest, OfANewerProgramIsLeftAlone) {
  open()->reset();
  write_text(path() / "clippath.json", R"({"format":3,"something":"new"})");
  for (const Access access : {Access::kRead, Access::kWrite}) {
    const auto folder = open(access);
    ASSERT_FALSE(folder);
    EXPECT_EQ(folder.error().kind, ErrorKind::kUnsupported);
    EXPECT_THAT(folder.error().message, testing::HasSubstr("version 3"));
  }
  EXPECT_EQ(*read_text_file(path() / "clippath.json", 65536), R"({"format":3,"something":"new"})");
}

TEST_F(DataFolderTest, WithADamagedDocumentIsRefusedWithARemedy) {
  open()->reset();
  for (const char* text : {"", "{", "[]", R"({"format":2})", R"({"format":"1"})",
                           R"({"format":2,"created":"x","profile":"research","encoders":[{}],)"
                           R"("pipelines":[]})"}) {
    write_text(path() / "clippath.json", text);
    const auto folder = open();
    ASSERT_FALSE(folder) << text;
    EXPECT_EQ(folder.error().kind, ErrorKind::kCorruption) << text;
    EXPECT_THAT(folder.error().message, testing::HasSubstr("restore"));
  }
}

TEST_F(DataFolderTest, KeepsItsModel) {
  {
    const auto folder = open();
    ASSERT_TRUE((*folder)->adopt_encoder({kTestEncoder, "demo", 256}, make_model()));
    ASSERT_TRUE((*folder)->adopt_encoder({kTestEncoder, "demo", 256}, make_model()));
  }
  fs::remove_all(folder_.path() / "model");
  const auto folder = open(Access::kRead);
  ASSERT_EQ((*folder)->encoders().size(), 1U);
  EXPECT_EQ((*folder)->encoders()[0].id, kTestEncoder);
  EXPECT_EQ((*folder)->encoders()[0].name, "demo");
  EXPECT_EQ((*folder)->encoders()[0].dimension, 256U);
  const fs::path model = (*folder)->model_folder(kTestEncoder);
  EXPECT_EQ(*read_text_file(model / "model.safetensors", 100), "weights");
  EXPECT_FALSE(fs::exists(model / "deeper"));
}

TEST_F(DataFolderTest, FollowsTheLinksOfAModelCache) {
  const fs::path model = folder_.path() / "snapshot";
  write_text(folder_.path() / "blobs" / "1234", "weights");
  fs::create_directories(model);
  fs::create_symlink("../blobs/1234", model / "model.safetensors");
  const auto folder = open();
  ASSERT_TRUE((*folder)->adopt_encoder({kTestEncoder, "demo", 256}, model));
  const fs::path kept = (*folder)->model_folder(kTestEncoder) / "model.safetensors";
  EXPECT_FALSE(fs::is_symlink(kept));
  EXPECT_EQ(*read_text_file(kept, 100), "weights");
}

TEST_F(DataFolderTest, TakesAModelAgainThatWasLost) {
  const auto folder = open();
  const fs::path model = make_model();
  ASSERT_TRUE((*folder)->adopt_encoder({kTestEncoder, "demo", 256}, model));
  fs::remove_all((*folder)->model_folder(kTestEncoder));
  ASSERT_TRUE((*folder)->adopt_encoder({kTestEncoder, "demo", 256}, model));
  EXPECT_TRUE(fs::exists((*folder)->model_folder(kTestEncoder) / "config.json"));
}

TEST_F(DataFolderTest, KeepsEncodersInTheOrderInWhichTheyCame) {
  {
    const auto folder = open();
    ASSERT_TRUE((*folder)->adopt_encoder({kOtherEncoder, "plip", 512}, make_model()));
    ASSERT_TRUE((*folder)->adopt_encoder({kTestEncoder, "demo", 256}, make_model()));
    ASSERT_TRUE((*folder)->adopt_encoder({kOtherEncoder, "plip", 512}, make_model()));
    const auto other_size = (*folder)->adopt_encoder({kTestEncoder, "demo", 512}, make_model());
    ASSERT_FALSE(other_size);
    EXPECT_EQ(other_size.error().code, "encoder_mismatch");
  }
  const auto folder = open(Access::kRead);
  const auto encoders = (*folder)->encoders();
  ASSERT_EQ(encoders.size(), 2U);
  EXPECT_EQ(encoders[0].id, kOtherEncoder);
  EXPECT_EQ(encoders[1].id, kTestEncoder);
  EXPECT_TRUE(fs::exists((*folder)->model_folder(kTestEncoder) / "config.json"));
}

TEST_F(DataFolderTest, HoldsSoManyEncodersAndNoMore) {
  const auto folder = open();
  for (std::size_t i = 0; i < kMaxEncoders; ++i) {
    const EncoderId id(std::string(32, static_cast<char>('0' + i)));
    ASSERT_TRUE((*folder)->adopt_encoder({id, "demo", 256}, make_model()));
  }
  const auto one_more = (*folder)->adopt_encoder({kTestEncoder, "demo", 256}, make_model());
  ASSERT_FALSE(one_more);
  EXPECT_EQ(one_more.error().kind, ErrorKind::kTooLarge);
  EXPECT_EQ((*folder)->encoders().size(), kMaxEncoders);
}

TEST(ChooseEncoder, TakesAnIdOrANameThatIsOfOneAlone) {
  const std::vector<EncoderEntry> known = {
      {kTestEncoder, "demo", 256}, {kOtherEncoder, "plip", 512}, {EncoderId("x"), "plip", 512}};
  EXPECT_EQ(choose_encoder(known, kOtherEncoder.value)->id, kOtherEncoder);
  EXPECT_EQ(choose_encoder(known, "demo")->id, kTestEncoder);
  for (const char* wrong : {"plip", "uni", ""}) {
    const auto chosen = choose_encoder(known, wrong);
    ASSERT_FALSE(chosen) << wrong;
    EXPECT_EQ(chosen.error().code, "encoder_mismatch");
    EXPECT_THAT(chosen.error().message, testing::HasSubstr(kOtherEncoder.value));
  }
}

TEST_F(DataFolderTest, SaysWhatToDoWithAFolderOfTheFirstVersion) {
  open()->reset();
  std::string text = *read_text_file(path() / "clippath.json", 65536);
  const std::size_t place = text.find("\"format\": 2");
  ASSERT_NE(place, std::string::npos);
  text[place + 10] = '1';
  write_text(path() / "clippath.json", text);
  const auto folder = DataFolder::open(path(), Access::kWrite, "test");
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().kind, ErrorKind::kUnsupported);
  EXPECT_THAT(folder.error().message, testing::HasSubstr("index the slides again"));
}

TEST_F(DataFolderTest, RefusesEncodersThatAreNone) {
  const auto folder = open();
  EXPECT_FALSE((*folder)->adopt_encoder({EncoderId("../../etc"), "x", 256}, make_model()));
  EXPECT_FALSE((*folder)->adopt_encoder({kTestEncoder, "x", 0}, make_model()));
  EXPECT_FALSE((*folder)->adopt_encoder({kTestEncoder, "x", 256}, folder_.path() / "nowhere"));
  EXPECT_TRUE((*folder)->encoders().empty());
}

TEST_F(DataFolderTest, RemembersPipelinesById) {
  PipelineDocument pipeline;
  pipeline.field_of_view = "512 um";
  pipeline.overlap = 0.5;
  pipeline.max_white = 0.9;
  PipelineDocument other = pipeline;
  other.overlap = 0.25;
  other.edge = "pad";
  other.allow_upsampling = true;
  EXPECT_NE(pipeline.id(), other.id());
  EXPECT_EQ(pipeline.id().size(), 16U);
  {
    const auto folder = open();
    for (const auto& document : {pipeline, other, pipeline})
      ASSERT_TRUE((*folder)->note_pipeline(document));
  }
  const auto folder = open(Access::kRead);
  const auto found = (*folder)->find_pipeline(pipeline.id());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->overlap, 0.5);
  EXPECT_EQ(found->id(), pipeline.id());
  EXPECT_FALSE((*folder)->find_pipeline("0000000000000000"));
  const auto json = parse_json(*read_text_file(path() / "clippath.json", 65536));
  EXPECT_EQ((*json)["pipelines"].size(), 2U);
  const auto padded = (*folder)->find_pipeline(other.id());
  ASSERT_TRUE(padded);
  EXPECT_EQ(padded->edge, "pad");
  EXPECT_TRUE(padded->allow_upsampling);
  // Settings younger than a document are not written where they are the default: its id stays.
  EXPECT_FALSE((*json)["pipelines"][0].contains("edge"));
  EXPECT_FALSE((*json)["pipelines"][0].contains("allow_upsampling"));
}

TEST_F(DataFolderTest, KeepsTheFormOfRunsWithoutQualityRules) {
  PipelineDocument none;
  PipelineDocument all;
  all.quality = "blank,black,pen,blur";
  EXPECT_NE(none.id(), all.id());
  {
    const auto folder = open();
    for (const auto& document : {none, all}) ASSERT_TRUE((*folder)->note_pipeline(document));
  }
  const auto folder = open(Access::kRead);
  ASSERT_TRUE((*folder)->find_pipeline(none.id()));
  EXPECT_EQ((*folder)->find_pipeline(none.id())->quality, "none");
  EXPECT_EQ((*folder)->find_pipeline(all.id())->quality, all.quality);
  const auto json = parse_json(*read_text_file(path() / "clippath.json", 65536));
  EXPECT_FALSE((*json)["pipelines"][0].contains("quality"));
}

TEST_F(DataFolderTest, RemembersTheStainRuleExactly) {
  for (const StainMethod method : kStainMethods) {
    const test::TempDir place;
    PipelineDocument pipeline;
    pipeline.stain = StainRule{StainScope::kPatch, default_stain_target(method)};
    {
      const auto folder = DataFolder::open(place.path() / "data", Access::kWrite, "test");
      ASSERT_TRUE((*folder)->note_pipeline(pipeline));
    }
    const auto folder = DataFolder::open(place.path() / "data", Access::kRead, "test");
    ASSERT_TRUE(folder) << folder.error().message;
    ASSERT_EQ((*folder)->pipelines().size(), 1U);
    EXPECT_EQ((*folder)->pipelines()[0].stain, pipeline.stain);
    EXPECT_EQ((*folder)->pipelines()[0].id(), pipeline.id());
  }
}

TEST_F(DataFolderTest, KeepsTheAttentionRuleOfAPipeline) {
  PipelineDocument plain;
  PipelineDocument listed = plain;
  listed.attention = AttentionRule{
      "ffee", AttentionMode::kMass, AttentionHeads::kEach, {9, 11}, 0.6, 0.25, std::nullopt};
  PipelineDocument targeted = plain;
  targeted.attention = AttentionRule{};
  targeted.attention->target_keep = 1.0 / 3;
  {
    const auto folder = open();
    for (const auto& document : {plain, listed, targeted})
      ASSERT_TRUE((*folder)->note_pipeline(document));
  }
  const auto folder = open(Access::kRead);
  const auto pipelines = (*folder)->pipelines();
  ASSERT_EQ(pipelines.size(), 3U);
  EXPECT_FALSE(pipelines[0].attention);
  EXPECT_EQ(pipelines[1].attention, listed.attention);
  EXPECT_EQ(pipelines[2].attention, targeted.attention);
  EXPECT_EQ(pipelines[2].id(), targeted.id());
}

// Do not change the id: it stands in the series of folders that were made before the filter.
TEST_F(DataFolderTest, KeepsTheIdOfAPipelineWithoutAttention) {
  PipelineDocument pipeline;
  pipeline.field_of_view = "512 um";
  pipeline.overlap = 0.5;
  pipeline.picture_px = 299;
  pipeline.min_tissue = 0.5;
  pipeline.max_white = 0.5;
  pipeline.white_threshold = 225;
  EXPECT_EQ(pipeline.id(), "310a859aed9c6293");
}

TEST_F(DataFolderTest, ChangesNothingWhenOpenedForReading) {
  open()->reset();
  const auto folder = open(Access::kRead);
  EXPECT_FALSE((*folder)->adopt_encoder({kTestEncoder, "demo", 256}, make_model()));
  EXPECT_FALSE((*folder)->note_pipeline({}));
}

TEST_F(DataFolderTest, RemovesWhatAnInterruptedRunLeftUnfinished) {
  open()->reset();
  write_text(path() / "generations" / "3.tmp" / "vectors.faiss", "half");
  write_text(path() / "models" / (kTestEncoder.value + ".tmp") / "config.json", "{}");
  ASSERT_TRUE(open(Access::kRead));
  EXPECT_TRUE(fs::exists(path() / "generations" / "3.tmp")) << "a reader removes nothing";
  ASSERT_TRUE(open());
  EXPECT_TRUE(fs::is_empty(path() / "generations"));
  EXPECT_TRUE(fs::is_empty(path() / "models"));
}

}  // namespace
}  // namespace clippath
