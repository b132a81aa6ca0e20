// SPDX-License-Identifier: Apache-2.0
#include <fstream>

#include "tests/unit/indexer/pipeline_fixture.h"

namespace clippath {
namespace {

using test::covered;
using test::Pipeline;
using test::rows_of;
using test::TempDir;

class RegionPipeline : public Pipeline {
 protected:
  RegionPipeline() { slides_ = {slide("a", covered(1024))}; }

  /// Writes the regions of the slide: a square from (0, 0) on, and an excluded one.
  void draw(int side, int excluded_side) {
    slides_[0].roi = files_.path() / "a.geojson";
    std::ofstream(slides_[0].roi) << "[" << square(side, "Tumor") << ","
                                  << square(excluded_side, "Ignore*") << "]";
  }

  static std::string square(int side, const std::string& name) {
    const std::string end = std::to_string(side);
    return R"({"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[0,0],[)" + end +
           ",0],[" + end + "," + end + "],[0," + end +
           R"(],[0,0]]]},"properties":{"objectType":"annotation","classification":{"name":")" +
           name + R"("}}})";
  }

  std::vector<SlideInput> slides_;
};

TEST_F(RegionPipeline, ATileIsWhereItsCentreIs) {
  draw(512 + 65, 129);  // beyond the centres of the fifth column, and of the first tile only
  const TempDir dir;
  const auto folder = open(dir);
  const auto summary = index(*folder, slides_);
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_EQ(summary->slides[0].state, SlideState::kDone);
  EXPECT_EQ(summary->slides[0].tiles,
            (std::map<std::string, std::int64_t>{
                {"grid", 64}, {"kept", 24}, {"outside_roi", 39}, {"excluded", 1}}));
  EXPECT_FALSE(*folder->records().find_patch(PatchId("a~0_0_128")));
  EXPECT_TRUE(*folder->records().find_patch(PatchId("a~512_512_128")));
  const auto plans = plan_slides(slides_, options_, {&encoder_}, opener(), stop_).slides;
  EXPECT_EQ(plans[0].expected_patches, 24);
}

TEST_F(RegionPipeline, OtherRegionsReplaceTheSeriesAndTheSameOnesDoNot) {
  const TempDir dir;
  const auto folder = open(dir);
  ASSERT_TRUE(index(*folder, slides_));
  EXPECT_EQ(rows_of(*folder).size(), 64U);
  EXPECT_TRUE(record(*folder, "a").series[0].regions_id.empty());
  for (const int side : {256, 512}) {
    draw(side, 10);
    EXPECT_EQ(index(*folder, slides_)->slides[0].state, SlideState::kDone);
    EXPECT_EQ(rows_of(*folder).size(), static_cast<std::size_t>(side * side / 128 / 128));
    EXPECT_EQ(record(*folder, "a").series[0].regions_id.size(), 32U);
    EXPECT_EQ(index(*folder, slides_)->slides[0].state, SlideState::kUnchanged);
  }
  slides_[0].roi.clear();
  EXPECT_EQ(index(*folder, slides_)->slides[0].state, SlideState::kDone);
  EXPECT_EQ(rows_of(*folder).size(), 64U);
}

TEST_F(RegionPipeline, TheVectorsOfATileDoNotDependOnItsRegion) {
  const TempDir whole;
  const TempDir part;
  ASSERT_TRUE(index(*open(whole), slides_));
  draw(512, 1);
  ASSERT_TRUE(index(*open(part), slides_));
  const auto all = rows_of(*open(whole));
  for (const std::string& row : rows_of(*open(part))) {
    EXPECT_NE(std::find(all.begin(), all.end(), row), all.end()) << row;
  }
}

TEST_F(RegionPipeline, ABadOrMissingFileOfRegionsCostsItsSlide) {
  slides_.push_back(slide("b", covered(512)));
  slides_[0].roi = files_.path() / "a.geojson";
  const TempDir dir;
  const auto folder = open(dir);
  for (int round = 0; round < 2; ++round) {
    const auto summary = index(*folder, slides_);
    ASSERT_TRUE(summary);
    EXPECT_EQ(summary->slides[0].state, SlideState::kFailed);
    EXPECT_NE(summary->slides[0].reason.find("a.geojson"), std::string::npos)
        << summary->slides[0].reason;
    EXPECT_NE(summary->slides[1].state, SlideState::kFailed);
    std::ofstream(slides_[0].roi) << "{";
  }
}

TEST_F(RegionPipeline, SaysThatNoTileLiesInTheRegions) {
  draw(30, 10);
  const TempDir dir;
  const auto summary = index(*open(dir), slides_);
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->slides[0].state, SlideState::kNoPatches);
  EXPECT_NE(summary->slides[0].reason.find("64 are not in its regions"), std::string::npos)
      << summary->slides[0].reason;
}

}  // namespace
}  // namespace clippath
