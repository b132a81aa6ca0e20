// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "core/json/json.h"
#include "tests/support/folder_contents.h"
#include "tests/support/program.h"

namespace clippath::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::string kModel = source_path("demo/model/atlas-clippath-small");
const std::string kSlide = source_path("demo/slides/breast-ilc-HE-2048.svs");
const std::string kBad = source_path("tests/golden/slides_bad");

Finished index(const std::vector<std::string>& inputs, const std::string& data,
               std::vector<std::string> more = {}) {
  std::vector<std::string> words = {"index"};
  words.insert(words.end(), inputs.begin(), inputs.end());
  words.insert(words.end(), {"--data", data, "--model", kModel});
  words.insert(words.end(), more.begin(), more.end());
  return run(words);
}

TEST(IndexProgram, LeavesAFinishedSlideAlone) {
  const TempDir folder;
  const std::string data = folder.path() / "data";
  const Finished first = index({kSlide}, data);
  EXPECT_EQ(first.exit_code, 0) << first.err;
  const auto patches = patches_in(data);
  EXPECT_GE(patches.size(), 1U);
  const Finished second = index({kSlide}, data);
  EXPECT_EQ(second.exit_code, 0) << second.err;
  EXPECT_THAT(second.out, HasSubstr("unchanged"));
  EXPECT_EQ(patches_in(data), patches);
}

TEST(IndexProgram, TellsHowFarItIsInJsonWhereResultsAreJson) {
  const TempDir folder;
  const Finished finished =
      index({source_path("demo/slides/lung-scc-HE1-20x.svs")}, folder.path() / "data",
            {"--um", "128", "--overlap", "0.5", "--json"});
  ASSERT_EQ(finished.exit_code, 0) << finished.err;
  std::istringstream lines(finished.err);
  int events = 0;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with('{')) continue;
    const auto event = parse_json(line);
    ASSERT_TRUE(event) << line;
    EXPECT_EQ((*event)["event"], "progress");
    EXPECT_EQ((*event)["slides_total"], 1);
    EXPECT_LE((*event)["tiles_seen"], (*event)["tiles_expected"]);
    EXPECT_GT((*event)["tiles_per_second"], 0);
    ++events;
  }
  EXPECT_GE(events, 1) << finished.err;  // it takes longer than two seconds
}

TEST(IndexProgram, WritesTheSameBytesForAnyNumberOfThreads) {
  const TempDir folder;
  const std::vector<std::string> slides = {kSlide, source_path("demo/slides/pdac-HE1-2048.svs")};
  for (const std::string threads : {"1", "2", "5"}) {
    ASSERT_EQ(index(slides, folder.path() / threads, {"--overlap", "0.5", "--threads", threads})
                  .exit_code,
              0);
  }
  const auto one = patches_in(folder.path() / "1");
  EXPECT_GT(one.size(), 10U);
  EXPECT_EQ(patches_in(folder.path() / "2"), one);
  EXPECT_EQ(patches_in(folder.path() / "5"), one);
}

TEST(IndexProgram, KeepsSeveralFieldsOfViewSideBySide) {
  const TempDir folder;
  const std::string data = folder.path() / "data";
  ASSERT_EQ(index({kSlide}, data, {"--level0-px", "1024,512"}).exit_code, 0);
  const auto both = patches_in(data);
  ASSERT_EQ(index({kSlide}, data, {"--level0-px", "512", "--overlap", "0.5"}).exit_code, 0);
  const auto replaced = patches_in(data);
  // The wide series is untouched; tiles that both grids of the narrow one have stand in other
  // batches, which may change the last bits.
  for (const auto& [id, vector] : both) {
    const bool wide = id.ends_with("_1024");
    if (wide) {
      EXPECT_EQ(replaced.at(id), vector) << id;
    } else {
      EXPECT_GT(dot(replaced.at(id), vector), 0.999F) << id;
    }
  }
  EXPECT_GT(replaced.size(), both.size());
}

TEST(IndexProgram, ListsEachBadSlideWithItsReasonAndKeepsTheGoodOnes) {
  const TempDir folder;
  const std::string data = folder.path() / "data";
  const Finished finished = index({kSlide, kBad}, data);
  EXPECT_EQ(finished.exit_code, 3) << finished.err;
  for (const char* name : {"broken", "unreadable", "boxes_0", "boxes"})
    EXPECT_THAT(finished.err, HasSubstr(name));
  EXPECT_GE(patches_in(data).size(), 1U);
}

TEST(IndexProgram, TwoFilesOfOneIdCostNoOther) {
  const TempDir folder;
  const std::string data = folder.path() / "data";
  for (const char* place : {"one", "two"}) {
    std::filesystem::create_directories(folder.path() / "in" / place);
    std::ofstream(folder.path() / "in" / place / "twice.svs") << place;
  }
  std::filesystem::copy_file(kSlide, folder.path() / "in" / "good.svs");
  const Finished finished = index({folder.path() / "in"}, data);
  EXPECT_EQ(finished.exit_code, 3) << finished.err;
  EXPECT_THAT(finished.err, HasSubstr("in/one/twice.svs"));
  EXPECT_THAT(finished.err, HasSubstr("in/two/twice.svs"));
  EXPECT_GE(patches_in(data).size(), 1U);
}

TEST(IndexProgram, RefusesAnotherFileUnderAKnownId) {
  const TempDir folder;
  const std::string data = folder.path() / "data";
  ASSERT_EQ(index({kSlide}, data).exit_code, 0);
  const auto other = folder.path() / "breast-ilc-HE-2048.svs";
  std::filesystem::copy_file(source_path("demo/slides/pdac-HE1-2048.svs"), other);
  const auto before = patches_in(data);
  const Finished refused = index({other}, data);
  EXPECT_NE(refused.exit_code, 0);
  EXPECT_THAT(refused.err, HasSubstr(other.string()));
  EXPECT_THAT(refused.err, HasSubstr(kSlide));
  EXPECT_THAT(refused.err, HasSubstr("--replace"));
  EXPECT_EQ(patches_in(data), before);
  EXPECT_EQ(index({other}, data, {"--replace"}).exit_code, 0);
  EXPECT_NE(patches_in(data), before);
}

TEST(IndexProgram, SaysWhatToDoAboutAMissingScale) {
  const TempDir folder;
  const std::string slide = source_path("demo/slides/celiac-HE-2048.tif");
  const Finished refused = index({slide}, folder.path() / "data");
  EXPECT_EQ(refused.exit_code, 1) << refused.err;
  EXPECT_THAT(refused.err, HasSubstr("--missing-mpp"));
  EXPECT_EQ(index({slide}, folder.path() / "data", {"--missing-mpp", "default=0.5"}).exit_code, 0);
}

TEST(IndexProgram, EndsWithUsageWhereThereIsNothingToIndex) {
  const TempDir folder;
  std::filesystem::create_directory(folder.path() / "empty");
  EXPECT_EQ(index({folder.path() / "empty"}, folder.path() / "data").exit_code, 2);
  EXPECT_EQ(index({folder.path() / "nowhere.svs"}, folder.path() / "data").exit_code, 2);
  EXPECT_EQ(run({"index", kSlide}).exit_code, 2);
  EXPECT_EQ(run({}).exit_code, 2);
}

TEST(IndexProgram, DrawsWhyTilesWereDroppedWithoutEncodingThem) {
  const TempDir folder;
  const auto overlays = folder.path() / "overlays";
  const Finished finished = index({kSlide}, folder.path() / "data",
                                  {"--dry-run", "--explain", overlays, "--tissue", "pale"});
  EXPECT_EQ(finished.exit_code, 0) << finished.err;
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "data"));
  const auto drawn = std::filesystem::directory_iterator(overlays);
  EXPECT_THAT(drawn->path().filename().string(), StartsWith("breast-ilc-HE-2048_"));
  EXPECT_EQ(std::distance(drawn, std::filesystem::directory_iterator()), 1);
}

TEST(IndexProgram, NamesAQualityRuleThatDoesNotExist) {
  const TempDir folder;
  const Finished refused = index({kSlide}, folder.path() / "data", {"--quality", "pen,fold"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("'fold'"));
}

class DamagedModel : public ::testing::Test {
 protected:
  DamagedModel() { std::filesystem::copy(kModel, model_); }
  Finished index_with_it() {
    return run({"index", kSlide, "--data", folder_.path() / "data", "--model", model_});
  }

  TempDir folder_;
  std::filesystem::path model_ = folder_.path() / "model";
};

TEST_F(DamagedModel, CutOffIsNamed) {
  std::filesystem::resize_file(model_ / "model.safetensors", 1'000'000);
  const Finished finished = index_with_it();
  EXPECT_EQ(finished.exit_code, 1);
  EXPECT_THAT(finished.err, HasSubstr("model.safetensors"));
}

TEST_F(DamagedModel, HostileHeaderIsNamed) {
  std::ofstream(model_ / "model.safetensors", std::ios::binary | std::ios::trunc)
      << std::string("\xff\xff\xff\xff\xff\xff\xff\x7f", 8)
      << "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";
  const Finished finished = index_with_it();
  EXPECT_EQ(finished.exit_code, 1);
  EXPECT_THAT(finished.err, HasSubstr("model.safetensors"));
}

TEST_F(DamagedModel, AnotherModelIsRefusedByAFilledFolder) {
  ASSERT_EQ(run({"index", kSlide, "--data", folder_.path() / "data", "--model", kModel}).exit_code,
            0);
  std::ofstream(model_ / "preprocessor_config.json")
      << R"({"do_resize":true,"size":{"shortest_edge":224},"resample":2,"do_center_crop":true,"crop_size":{"height":224,"width":224},)"
      << R"("do_rescale":true,"rescale_factor":0.00392156862745098,"do_normalize":true,"image_mean":[0.5,0.5,0.5],"image_std":[0.5,0.5,0.5]})";
  const auto before = patches_in(folder_.path() / "data");
  const Finished finished = index_with_it();
  EXPECT_EQ(finished.exit_code, 1) << finished.err;
  EXPECT_THAT(finished.err, HasSubstr("atlas-clippath-small"));
  EXPECT_EQ(patches_in(folder_.path() / "data"), before);
}

TEST(BenchIndex, IndexesReadsAndEncodesTheSamePatches) {
  const TempDir folder;
  const std::string data = folder.path() / "data";
  ASSERT_EQ(index({kSlide}, data, {"--level0-px", "512"}).exit_code, 0);
  const Finished bench = run({"bench", "index", kSlide, "--model", kModel, "--level0-px", "512",
                              "--repeats", "2", "--json"});
  ASSERT_EQ(bench.exit_code, 0) << bench.err;
  const Json report = *parse_json(bench.out);
  EXPECT_EQ(report["patches"], patches_in(data).size());
  EXPECT_EQ(report["vectors_checked"], 2 * patches_in(data).size());
  for (const char* part : {"decode", "encode", "index"}) {
    EXPECT_GT(report[part]["patches_per_second"].get<double>(), 0) << part;
    EXPECT_EQ(report[part]["seconds"].size(), 2U) << part;
  }
}

}  // namespace
}  // namespace clippath::test
