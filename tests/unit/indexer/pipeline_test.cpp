// SPDX-License-Identifier: Apache-2.0
#include "clippath/pipeline.h"

#include <gtest/gtest.h>

#include <map>

#include "clippath/core/pictures.h"
#include "tests/unit/indexer/pipeline_fixture.h"

namespace clippath {
namespace {

namespace fs = std::filesystem;
using test::covered;
using test::FakeEncoder;
using test::Pipeline;
using test::row_of_tiles;
using test::rows_of;
using test::SyntheticSlide;
using test::TempDir;

TEST_F(Pipeline, KeepsTissueAndCountsTheRest) {
  SyntheticSlide::Drawing drawing = covered(1024);
  drawing.tissue = {{0, 0, 512, 1024}};
  const TempDir dir;
  const auto folder = open(dir);
  const auto summary = index(*folder, {slide("a", drawing)});
  ASSERT_TRUE(summary) << summary.error().message;
  ASSERT_EQ(summary->slides.size(), 1U);
  const SlideOutcome& outcome = summary->slides[0];
  EXPECT_EQ(outcome.state, SlideState::kDone);
  EXPECT_EQ(outcome.tiles,
            (std::map<std::string, std::int64_t>{{"grid", 64}, {"kept", 32}, {"background", 32}}));

  const SlideRecord stored = record(*folder, "a");
  EXPECT_EQ(stored.case_id.value, "case-a");
  EXPECT_EQ(stored.fields, (Fields{{"organ", "lung"}}));
  EXPECT_EQ(stored.fingerprint.size_bytes, 5U);
  EXPECT_EQ(stored.fingerprint.sha256.size(), 64U);
  EXPECT_FALSE(stored.partial);
  ASSERT_EQ(stored.series.size(), 1U);
  EXPECT_EQ(stored.series[0].count, 32U);
  EXPECT_EQ(stored.series[0].tiles, outcome.tiles);
  EXPECT_TRUE(folder->find_pipeline(stored.series[0].pipeline_id));
  EXPECT_EQ(rows_of(*folder).size(), 32U);
}

TEST_F(Pipeline, DropsTilesThatAreWhiteAtTheirOwnResolution) {
  SyntheticSlide::Drawing drawing = covered(1024);
  drawing.tissue = {{0, 0, 576, 1024}};  // half of the fifth column
  options_.tissue.max_white = 0.4;
  const TempDir dir;
  const auto folder = open(dir);
  const auto summary = index(*folder, {slide("a", drawing)});
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->slides[0].tiles.at("white"), 8);
  EXPECT_EQ(summary->slides[0].tiles.at("kept"), 32);
}

TEST_F(Pipeline, PadsTilesAtTheEdgeWithBackground) {
  SyntheticSlide::Drawing drawing = covered(1024);
  drawing.width = 1024 + 96;
  drawing.height = 1024 + 32;  // a row of which a quarter is tissue: too white
  drawing.tissue = {{0, 0, drawing.width, drawing.height}};
  const std::vector<SlideInput> slides = {slide("a", drawing)};
  const TempDir dir;
  const auto folder = open(dir);
  options_.fields = {{FieldOfView::Unit::kLevel0Pixels, 128}};
  ASSERT_TRUE(index(*folder, slides));
  EXPECT_EQ(rows_of(*folder).size(), 64U);
  options_.tiles.edge = EdgePolicy::kPad;
  const auto summary = index(*folder, slides);
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->slides[0].state, SlideState::kDone);
  EXPECT_EQ(summary->slides[0].tiles.at("grid"), 81);
  EXPECT_EQ(summary->slides[0].tiles.at("kept"), 72);
  const auto patch = folder->records().find_patch(PatchId("a~1024_0_128"));
  ASSERT_TRUE(patch && *patch);
  EXPECT_EQ((*patch)->record.rect, (Level0Rect{1024, 0, 128, 128}));
  EXPECT_NEAR((*patch)->record.white_fraction, 0.25, 0.01);
  EXPECT_EQ(folder->find_pipeline(record(*folder, "a").series[0].pipeline_id)->edge, "pad");
}

TEST_F(Pipeline, StoresTheSameBytesForAnyNumberOfThreads) {
  std::vector<SlideInput> slides = {slide("a", covered(1280)), slide("b", covered(640)),
                                    slide("c", covered(900))};
  options_.overlap = 0.3;
  std::vector<std::string> first;
  for (const int threads : {1, 2, 4}) {
    options_.threads = threads;
    const TempDir dir;
    const auto folder = open(dir);
    ASSERT_TRUE(index(*folder, slides));
    const auto rows = rows_of(*folder);
    EXPECT_GT(rows.size(), 200U);
    if (first.empty()) first = rows;
    EXPECT_EQ(rows, first) << threads << " threads";
  }
}

TEST_F(Pipeline, CutsTheEndOfASeriesIntoSmallBatches) {
  const TempDir dir;
  const auto folder = open(dir);
  ASSERT_TRUE(index(*folder, {slide("a", row_of_tiles(11))}));
  EXPECT_EQ(encoder_.batch_sizes(), (std::vector<std::size_t>{4, 2, 2, 2, 1}));
  EXPECT_EQ(rows_of(*folder).size(), 11U);
}

TEST_F(Pipeline, CutsBatchesAsTheEncoderWantsThem) {
  const SlideInput input = slide("a", row_of_tiles(29));
  const TempDir small_dir;
  const auto small = open(small_dir);
  ASSERT_TRUE(index(*small, {input}));
  FakeEncoder large_batches(16, 32);
  large_batches.set_batches({.size = 8, .last = 8});
  for (const int threads : {1, 4}) {
    options_.threads = threads;
    const TempDir dir;
    const auto folder = open(dir);
    ASSERT_TRUE(index(*folder, {input}, {&large_batches}));
    EXPECT_EQ(rows_of(*folder), rows_of(*small)) << threads << " threads";
  }
  EXPECT_EQ(large_batches.batch_sizes(), (std::vector<std::size_t>{8, 8, 8, 8, 8, 8, 5, 5}));
}

TEST_F(Pipeline, GivesAllEncodersTheLargestBatchesOfThem) {
  FakeEncoder on_gpu(16, 32, EncoderId("ffeeddccbbaa99887766554433221100"));
  on_gpu.set_batches({.size = 8, .last = 8});
  const std::vector<std::size_t> expected{8, 3};
  const TempDir dir;
  const auto folder = open(dir);
  ASSERT_TRUE(index(*folder, {slide("a", row_of_tiles(11))}, {&encoder_, &on_gpu}));
  EXPECT_EQ(encoder_.batch_sizes(), expected);
  EXPECT_EQ(on_gpu.batch_sizes(), expected);
}

// The window is full of read tiles long before a batch is.
TEST_F(Pipeline, FillsBatchesThatAreLargerThanTheWindowOfReadTiles) {
  encoder_.set_batches({.size = 64, .last = 64});
  const TempDir dir;
  const auto folder = open(dir);
  ASSERT_TRUE(index(*folder, {slide("a", row_of_tiles(300))}));
  EXPECT_EQ(encoder_.batch_sizes(), (std::vector<std::size_t>{64, 64, 64, 64, 44}));
  EXPECT_EQ(rows_of(*folder).size(), 300U);
}

TEST_F(Pipeline, TellsThatOneOfItsSeriesIsEmpty) {
  SyntheticSlide::Drawing drawing = covered(1024);
  drawing.tissue = {{0, 0, 128, 128}};
  options_.fields.push_back({FieldOfView::Unit::kLevel0Pixels, 512});
  options_.fields.push_back({FieldOfView::Unit::kLevel0Pixels, 2048});
  const TempDir dir;
  const auto folder = open(dir);
  for (const SlideState state : {SlideState::kDone, SlideState::kUnchanged}) {
    const auto summary = index(*folder, {slide("a", drawing)});
    ASSERT_TRUE(summary);
    const SlideOutcome& outcome = summary->slides[0];
    EXPECT_EQ(outcome.state, state);
    EXPECT_EQ(outcome.series.at(128).at("kept"), 1);
    EXPECT_EQ(
        outcome.warnings,
        (std::vector<std::string>{
            "fields of 512 level-0 px: no tissue: of 4 tiles 4 are background and 0 too white",
            "fields of 2048 level-0 px: the slide is smaller than one such field"}));
  }
}

TEST_F(Pipeline, ReportsSlidesWithoutPatchesWithTheReason) {
  SyntheticSlide::Drawing glass = covered(512);
  glass.tissue.clear();
  const TempDir dir;
  const auto folder = open(dir);
  const std::vector<SlideInput> slides = {slide("glass", glass), slide("small", covered(100))};
  for (int round = 0; round < 2; ++round) {  // the second finds them stored
    const auto summary = index(*folder, slides);
    ASSERT_TRUE(summary);
    EXPECT_EQ(summary->slides[0].state, SlideState::kNoPatches);
    EXPECT_NE(summary->slides[0].reason.find("16 are background"), std::string::npos)
        << summary->slides[0].reason;
    EXPECT_EQ(summary->slides[1].state, SlideState::kNoPatches);
    EXPECT_NE(summary->slides[1].reason.find("smaller than one field"), std::string::npos)
        << summary->slides[1].reason;
  }
  EXPECT_EQ(folder->records().slides()->size(), 2U);
  EXPECT_TRUE(rows_of(*folder).empty());
}

TEST_F(Pipeline, AStoppedRunLeavesNoTraceAndResumesToTheSameRows) {
  std::vector<SlideInput> slides;
  for (const char* id : {"a", "b", "c", "d"}) slides.push_back(slide(id, covered(1300)));
  const TempDir undisturbed_dir;
  const auto undisturbed = open(undisturbed_dir);
  ASSERT_TRUE(index(*undisturbed, slides));

  for (const int stop_at : {0, 1, 7, 20, 33}) {
    SCOPED_TRACE(stop_at);
    const TempDir dir;
    {
      const auto folder = open(dir);
      std::atomic<int> batches = 0;
      encoder_.before_images = [&] { stop_ = ++batches > stop_at; };
      const auto stopped = index(*folder, slides);
      ASSERT_TRUE(stopped);
      EXPECT_TRUE(stopped->interrupted);
      EXPECT_LT(stopped->slides.size(), 4U);
      EXPECT_EQ(folder->records().slides()->size(), stopped->slides.size());
    }
    stop_ = false;
    encoder_.before_images = nullptr;
    const auto folder = open(dir);
    const auto resumed = index(*folder, slides);
    ASSERT_TRUE(resumed);
    EXPECT_FALSE(resumed->interrupted);
    EXPECT_EQ(rows_of(*folder), rows_of(*undisturbed));
  }
}

/// A slide that measures how far its tiles are read ahead of what the run is done with.
class ReadAheadMeter : public SyntheticSlide {
 public:
  ReadAheadMeter(Drawing drawing, int tile_px)
      : SyntheticSlide(std::move(drawing)), tile_px_(tile_px) {}

  [[nodiscard]] Result<RgbImage> read(Level0Point origin, int level,
                                      PixelSize size) const override {
    if (size.width == tile_px_) {
      const std::int64_t ahead = ++reads - done;
      for (std::int64_t most = most_ahead; ahead > most;) {
        if (most_ahead.compare_exchange_weak(most, ahead)) break;
      }
    }
    return SyntheticSlide::read(origin, level, size);
  }

  mutable std::atomic<std::int64_t> reads = 0;
  mutable std::atomic<std::int64_t> most_ahead = 0;
  std::atomic<std::int64_t> done = 0;

 private:
  const int tile_px_;
};

TEST_F(Pipeline, HoldsTheSamePicturesInMemoryForASlideOfAHundredThousandTiles) {
  constexpr int kTilePx = 8;
  const test::FakeEncoder small(16, kTilePx);
  options_.fields = {{FieldOfView::Unit::kLevel0Pixels, kTilePx}};
  options_.tissue.min_tissue = 0;  // read every tile; all but a few are white
  options_.threads = 3;
  SyntheticSlide::Drawing drawing = covered(2600);
  drawing.downsamples = {1};
  drawing.tissue = {{0, 0, 80, 80}};
  const std::vector<SlideInput> slides = {slide("a", drawing)};
  const auto meter = std::make_shared<ReadAheadMeter>(drawing, kTilePx);
  const TempDir dir;
  const auto folder = open(dir);
  const auto summary = index_slides(
      slides, options_, {&small},
      [&](const fs::path&) -> Result<std::shared_ptr<const SlideReader>> { return meter; }, *folder,
      [&](const IndexProgress& progress) { meter->done = progress.tiles_seen; }, stop_);
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_EQ(summary->slides[0].tiles.at("white"), 325 * 325 - 100);
  EXPECT_EQ(meter->reads, 325 * 325);
  EXPECT_LE(meter->most_ahead, 8 * options_.threads + 32);
}

TEST_F(Pipeline, ReportsProgressToTheEnd) {
  IndexProgress last;
  const TempDir dir;
  const auto folder = open(dir);
  SyntheticSlide::Drawing half = covered(1024);
  half.tissue = {{0, 0, 512, 1024}};
  ASSERT_TRUE(index(*folder, {slide("a", half), slide("b", covered(512))},
                    [&last](const IndexProgress& progress) {
                      EXPECT_GE(progress.tiles_seen, last.tiles_seen);
                      last = progress;
                    }));
  EXPECT_EQ(last.slides_total, 2U);
  EXPECT_EQ(last.slides_finished, 2U);
  EXPECT_EQ(last.tiles_expected, 64 + 16);
  EXPECT_EQ(last.tiles_seen, 64 + 16);
  EXPECT_EQ(last.patches_stored, 32 + 16);
}

}  // namespace
}  // namespace clippath
