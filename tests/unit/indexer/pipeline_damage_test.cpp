// SPDX-License-Identifier: Apache-2.0
#include "clippath/pipeline.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "tests/unit/indexer/pipeline_fixture.h"

namespace clippath {
namespace {

// What damage costs: a tile, a slide, never the run.

namespace fs = std::filesystem;
using test::covered;
using test::Pipeline;
using test::rows_of;
using test::SyntheticSlide;
using test::TempDir;

TEST_F(Pipeline, ABadTileCostsOneTile) {
  SyntheticSlide::Drawing drawing = covered(1024);
  drawing.damaged = {{300, 300, 4, 4}};
  const TempDir dir;
  const auto folder = open(dir);
  const auto summary = index(*folder, {slide("a", drawing)});
  ASSERT_TRUE(summary);
  const SlideOutcome& outcome = summary->slides[0];
  EXPECT_EQ(outcome.state, SlideState::kPartial);
  EXPECT_EQ(outcome.tiles.at("read_error"), 1);
  EXPECT_EQ(outcome.tiles.at("kept"), 63);
  EXPECT_NE(outcome.reason.find("1 of 64 tiles cannot be read"), std::string::npos)
      << outcome.reason;
  EXPECT_TRUE(record(*folder, "a").partial);
  EXPECT_EQ(rows_of(*folder).size(), 63U);
}

TEST_F(Pipeline, KeepsWhatWasReadBeforeTwoHundredFailuresInARow) {
  SyntheticSlide::Drawing drawing = covered(4096);
  drawing.damaged = {{0, 256, 4096, 896}};  // 7 of 32 rows of 32 tiles
  options_.fields.push_back({FieldOfView::Unit::kLevel0Pixels, 1024});
  const SlideInput input = slide("a", drawing);
  std::vector<std::string> first;
  for (const int threads : {1, 4}) {
    options_.threads = threads;
    const TempDir dir;
    const auto folder = open(dir);
    const auto summary = index(*folder, {input});
    ASSERT_TRUE(summary);
    const SlideOutcome& outcome = summary->slides[0];
    EXPECT_EQ(outcome.state, SlideState::kPartial);
    EXPECT_EQ(outcome.tiles, (std::map<std::string, std::int64_t>{
                                 {"grid", 1040}, {"kept", 64}, {"read_error", 976}}));
    EXPECT_NE(outcome.reason.find("976 of 1040 tiles cannot be read"), std::string::npos)
        << outcome.reason;
    EXPECT_NE(outcome.reason.find("after 200 tiles in a row reading stopped"), std::string::npos)
        << outcome.reason;
    EXPECT_TRUE(record(*folder, "a").partial);
    const auto rows = rows_of(*folder);
    EXPECT_EQ(rows.size(), 64U);
    if (first.empty()) first = rows;
    EXPECT_EQ(rows, first) << threads << " threads";
  }
}

TEST_F(Pipeline, FailsASlideOfWhichNothingWasReadBeforeTwoHundredFailuresInARow) {
  SyntheticSlide::Drawing drawing = covered(4096);
  drawing.damaged = {{0, 0, 4096, 3584}};
  const TempDir dir;
  const auto folder = open(dir);
  const auto summary = index(*folder, {slide("a", drawing), slide("b", covered(512))});
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->slides[0].state, SlideState::kFailed);
  EXPECT_NE(summary->slides[0].reason.find("200 tiles in a row"), std::string::npos);
  EXPECT_EQ(summary->slides[1].state, SlideState::kDone);
  EXPECT_EQ(folder->records().slides()->size(), 1U);
}

TEST_F(Pipeline, TellsThatAScaleIsMissingBecauseTheFileIsCutShort) {
  SyntheticSlide::Drawing drawing = covered(512);
  drawing.mpp = std::nullopt;
  drawing.damaged = {{200, 200, 100, 100}};
  options_.fields = {{FieldOfView::Unit::kMicrons, 64}};
  const TempDir dir;
  const auto folder = open(dir);
  const auto summary = index(*folder, {slide("a", drawing)});
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->slides[0].state, SlideState::kNoMpp);
  EXPECT_NE(summary->slides[0].reason.find("level 0 cannot be decoded in its middle"),
            std::string::npos)
      << summary->slides[0].reason;
}

TEST_F(Pipeline, WarnsOfALevelThatCannotBeDecoded) {
  SyntheticSlide::Drawing drawing = covered(1024);
  drawing.damaged = {{512, 512, 4, 4}};
  const std::vector<SlideInput> slides = {slide("a", drawing), slide("b", covered(1024))};
  const TempDir dir;
  const auto folder = open(dir);
  for (int run = 0; run < 2; ++run) {  // stored, then left as it is
    const auto summary = index(*folder, slides);
    ASSERT_TRUE(summary);
    ASSERT_EQ(summary->slides[0].warnings.size(), 2U);
    EXPECT_NE(summary->slides[0].warnings[1].find("level 1 cannot be decoded"), std::string::npos);
    EXPECT_TRUE(summary->slides[1].warnings.empty());
  }
}

TEST_F(Pipeline, AFailingSlideStopsNoOther) {
  std::vector<SlideInput> slides = {slide("a", covered(512)), slide("b", covered(512)),
                                    slide("c", covered(512))};
  drawings_.erase("b.svs");
  fs::remove(slides[2].path);
  const TempDir dir;
  const auto folder = open(dir);
  const auto summary = index(*folder, slides);
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->slides[0].state, SlideState::kDone);
  EXPECT_EQ(summary->slides[1].state, SlideState::kFailed);
  EXPECT_EQ(summary->slides[2].state, SlideState::kFailed);
  EXPECT_FALSE(summary->interrupted);
}

TEST_F(Pipeline, NoticesAFileThatChangesWhileItIsRead) {
  const std::vector<SlideInput> slides = {slide("a", covered(512))};
  encoder_.before_images = [&] { std::ofstream(slides[0].path) << "other bytes"; };
  const TempDir dir;
  const auto folder = open(dir);
  const auto summary = index(*folder, slides);
  EXPECT_EQ(summary->slides[0].state, SlideState::kFailed);
  EXPECT_NE(summary->slides[0].reason.find("changed while it was read"), std::string::npos);
  EXPECT_TRUE(folder->records().slides()->empty());
}

}  // namespace
}  // namespace clippath
