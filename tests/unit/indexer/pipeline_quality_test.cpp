// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "clippath/core/files.h"
#include "clippath/core/pictures.h"
#include "tests/unit/indexer/pipeline_fixture.h"

namespace clippath {
namespace {

using test::covered;
using test::Pipeline;
using test::rows_of;
using test::TempDir;

TEST_F(Pipeline, DropsFaultyTilesWithTheirReasonStored) {
  options_.quality = kAllQualityRules;
  options_.fields = {{FieldOfView::Unit::kLevel0Pixels, 64}};  // one colour each, as it is drawn
  const TempDir dir;
  const auto folder = open(dir);
  const auto summary = index(*folder, {slide("a", covered(512))});
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_EQ(summary->slides[0].tiles,
            (std::map<std::string, std::int64_t>{{"grid", 64}, {"blank", 64}}));
  EXPECT_EQ(summary->slides[0].state, SlideState::kNoPatches);
  EXPECT_NE(summary->slides[0].reason.find("64 blank"), std::string::npos);
  const SlideRecord stored = record(*folder, "a");
  EXPECT_EQ(stored.series[0].tiles, summary->slides[0].tiles);
  EXPECT_EQ(folder->find_pipeline(stored.series[0].pipeline_id)->quality, "blank,black,pen,blur");
}

TEST_F(Pipeline, IndexesAnewWhenTheRulesChange) {
  const TempDir dir;
  const auto folder = open(dir);
  const auto one = slide("a", covered(512));
  ASSERT_TRUE(index(*folder, {one}));
  const auto before = rows_of(*folder);
  options_.tissue = tissue_rule(TissuePreset::kSeed);
  const auto summary = index(*folder, {one});
  ASSERT_TRUE(summary);
  EXPECT_NE(summary->slides[0].state, SlideState::kUnchanged);
  EXPECT_EQ(folder->pipelines().back().tissue, "seed");
  EXPECT_NE(rows_of(*folder), before);
}

TEST_F(Pipeline, ExplainsWhatItDoesInOnePictureAFieldOfView) {
  auto drawing = covered(1024);
  drawing.tissue = {{0, 0, 512, 1024}};
  auto one = slide("a", drawing);
  one.id = SlideId(escape_id("a/b"));
  options_.fields.push_back({FieldOfView::Unit::kLevel0Pixels, 256});
  const auto not_drawn =
      explain_slides({one}, options_, {&encoder_}, opener(), files_.path() / "overlays", stop_);
  ASSERT_TRUE(not_drawn) << not_drawn.error().message;
  EXPECT_TRUE(not_drawn->empty()) << not_drawn->front();
  for (const char* name : {"a=2Fb_128.png", "a=2Fb_256.png"}) {
    const auto bytes = read_file(files_.path() / "overlays" / name, 1U << 24U);
    ASSERT_TRUE(bytes) << name;
    EXPECT_TRUE(decode_picture(*bytes));
  }
}

TEST_F(Pipeline, ExplainsThatNothingIsReadAfterTwoHundredFailuresInARow) {
  auto drawing = covered(4096);
  drawing.damaged = {{0, 256, 4096, 896}};  // 7 of 32 rows of 32 tiles; 2 before them
  ASSERT_TRUE(explain_slides({slide("a", drawing)}, options_, {&encoder_}, opener(),
                             files_.path() / "overlays", stop_));
  const auto bytes = read_file(files_.path() / "overlays" / "a_128.png", 1U << 24U);
  ASSERT_TRUE(bytes);
  const auto picture = decode_picture(*bytes);
  ASSERT_TRUE(picture);
  // Tissue is pink; the colour of unreadable tiles makes it yellow.
  std::size_t yellow = 0;
  for (std::size_t i = 0; i < picture->pixels.size(); i += 3) {
    yellow += picture->pixels[i + 1] > picture->pixels[i + 2] ? 1 : 0;
  }
  EXPECT_GT(static_cast<double>(yellow), 0.8 * 1200 * 1200);
}

}  // namespace
}  // namespace clippath
