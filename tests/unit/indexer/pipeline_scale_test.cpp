// SPDX-License-Identifier: Apache-2.0
#include "clippath/pipeline.h"

#include <gtest/gtest.h>

#include "clippath/core/pictures.h"
#include "clippath/verify_patch.h"
#include "tests/unit/indexer/pipeline_fixture.h"

namespace clippath {
namespace {

// Where the size of a pixel comes from, and what it changes.

using test::covered;
using test::Pipeline;
using test::SyntheticSlide;
using test::TempDir;

TEST_F(Pipeline, MakesSquareFieldsOfPixelsThatAreNot) {
  SyntheticSlide::Drawing drawing = covered(1024);
  drawing.height = 768;  // um as wide as high: a pixel is 4/3 as high as wide
  drawing.tissue = {{0, 0, 1024, 768}};
  drawing.axis_ratio = 4.0 / 3;
  options_.fields = {{FieldOfView::Unit::kMicrons, 64}};
  const TempDir dir;
  const auto folder = open(dir);
  const auto summary = index(*folder, {slide("a", drawing)});
  ASSERT_TRUE(summary);
  // mpp .4286 x .5714: 149 x 112 px a field
  EXPECT_EQ(summary->slides[0].tiles.at("grid"), 36);
  const auto patch = folder->records().find_patch(PatchId("a~149_112_149"));
  ASSERT_TRUE(patch && *patch);
  EXPECT_EQ((*patch)->record.rect, (Level0Rect{149, 112, 149, 112}));
  EXPECT_NEAR((*patch)->record.extent_um, 64, 0.2);
  const auto check =
      verify_patch(*folder, PatchId("a~149_112_149"), {&encoder_}, opener(), &decode_picture);
  ASSERT_TRUE(check) << check.error().message;
  EXPECT_TRUE(check->holds());
}

TEST_F(Pipeline, KeepsTheShapeOfPixelsWhereTheManifestStatesTheirSize) {
  SyntheticSlide::Drawing drawing = covered(1024);
  drawing.axis_ratio = 4.0 / 3;
  options_.fields = {{FieldOfView::Unit::kMicrons, 64}};
  SlideInput input = slide("a", drawing);
  input.mpp = MicronsPerPixel{0.25};  // the mean: .2143 x .2857
  const TempDir dir;
  const auto folder = open(dir);
  ASSERT_TRUE(index(*folder, {input}));
  const auto patch = folder->records().find_patch(PatchId("a~0_0_299"));
  ASSERT_TRUE(patch && *patch);
  EXPECT_EQ((*patch)->record.rect, (Level0Rect{0, 0, 299, 224}));
}

TEST_F(Pipeline, WarnsOfAManifestThatDoesNotFitTheObjective) {
  SyntheticSlide::Drawing drawing = covered(512);
  drawing.objective = 20;
  SlideInput input = slide("a", drawing);
  for (const double mpp : {0.5, 3.0}) {
    input.mpp = MicronsPerPixel{mpp};
    const TempDir dir;
    const auto folder = open(dir);
    const auto summary = index(*folder, {input});
    ASSERT_TRUE(summary);
    EXPECT_EQ(summary->slides[0].warnings,
              mpp == 0.5 ? std::vector<std::string>{}
                         : std::vector<std::string>{
                               "3 um a pixel does not fit the stated objective of 20x"});
  }
}

TEST_F(Pipeline, TreatsAMissingScaleByThePolicy) {
  SyntheticSlide::Drawing drawing = covered(512);
  drawing.mpp = std::nullopt;
  std::vector<SlideInput> slides = {slide("a", drawing), slide("b", covered(512))};
  options_.fields = {{FieldOfView::Unit::kMicrons, 64}};
  const auto state = [&](MissingMpp::Policy policy) {
    options_.missing_mpp = {policy, {0.25}};
    const TempDir dir;
    const auto folder = open(dir);
    const auto summary = index(*folder, slides);
    EXPECT_EQ(summary->slides[1].state, SlideState::kDone);
    if (policy == MissingMpp::Policy::kDefault) {
      EXPECT_EQ(record(*folder, "a").scale->source, MppSource::kAssumed);
      EXPECT_EQ(record(*folder, "a").series[0].level0_extent, 256);
    }
    return summary->slides[0].state;
  };
  EXPECT_EQ(state(MissingMpp::Policy::kError), SlideState::kNoMpp);
  EXPECT_EQ(state(MissingMpp::Policy::kSkip), SlideState::kSkipped);
  EXPECT_EQ(state(MissingMpp::Policy::kDefault), SlideState::kDone);
  slides[0].mpp = MicronsPerPixel{0.25};
  EXPECT_EQ(state(MissingMpp::Policy::kError), SlideState::kDone);
}

TEST_F(Pipeline, FieldsInPixelsNeedNoScale) {
  SyntheticSlide::Drawing drawing = covered(512);
  drawing.mpp = std::nullopt;
  const TempDir dir;
  const auto folder = open(dir);
  EXPECT_EQ(index(*folder, {slide("a", drawing)})->slides[0].state, SlideState::kDone);
  EXPECT_FALSE(record(*folder, "a").scale);
  EXPECT_EQ(record(*folder, "a").series[0].extent_um, 0);
}

}  // namespace
}  // namespace clippath
