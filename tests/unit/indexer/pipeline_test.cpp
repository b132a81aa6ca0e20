// SPDX-License-Identifier: Apache-2.0
#include "clippath/pipeline.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "clippath/core/pictures.h"
#include "clippath/verify_patch.h"
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

TEST_F(Pipeline, PlansWithoutWriting) {
  SyntheticSlide::Drawing half = covered(1024);
  half.tissue = {{0, 0, 512, 1024}};
  const auto plan = plan_slides({slide("a", half), slide("b", covered(100))}, options_, {&encoder_},
                                opener(), stop_);
  ASSERT_EQ(plan.slides.size(), 2U);
  EXPECT_EQ(plan.slides[0].tiles, 64);
  EXPECT_EQ(plan.slides[0].expected_patches, 32);
  EXPECT_TRUE(plan.slides[0].reason.empty());
  EXPECT_FALSE(plan.slides[1].reason.empty());
}

TEST_F(Pipeline, PlansTheTimeByATrialOnSomeTiles) {
  options_.threads = 1;
  const SlideInput small = slide("a", covered(1024));   // 64 tiles
  const SlideInput large = slide("b", covered(16384));  // 16,384 tiles
  const auto one = plan_slides({small}, options_, {&encoder_}, opener(), stop_);
  EXPECT_EQ(encoder_.images_encoded(), 65U);  // one to warm up
  const auto both = plan_slides({small, large}, options_, {&encoder_}, opener(), stop_);
  EXPECT_EQ(encoder_.images_encoded(), 130U);
  ASSERT_TRUE(one.seconds && both.seconds);
  EXPECT_GT(*both.seconds, *one.seconds);
  options_.fields.push_back({FieldOfView::Unit::kLevel0Pixels, 256});
  plan_slides({small}, options_, {&encoder_}, opener(), stop_);
  EXPECT_EQ(encoder_.images_encoded(), 130U + 65 + 17);  // 16 tiles in the second field
  SyntheticSlide::Drawing unreadable = covered(1024);
  unreadable.downsamples = {1, 64};
  unreadable.damaged = {{0, 0, 1024, 1024}};
  EXPECT_FALSE(
      plan_slides({slide("d", unreadable)}, options_, {&encoder_}, opener(), stop_).seconds);
  SyntheticSlide::Drawing glass = covered(512);
  glass.tissue.clear();
  EXPECT_FALSE(plan_slides({slide("c", glass)}, options_, {&encoder_}, opener(), stop_).seconds);
}

TEST_F(Pipeline, PlansToLeaveOutWhatIsToBeSkipped) {
  SyntheticSlide::Drawing drawing = covered(512);
  drawing.mpp = std::nullopt;
  options_.fields = {{FieldOfView::Unit::kMicrons, 64}};
  for (const bool skip : {false, true}) {
    options_.missing_mpp.policy = skip ? MissingMpp::Policy::kSkip : MissingMpp::Policy::kError;
    const auto plan = plan_slides({slide("a", drawing)}, options_, {&encoder_}, opener(), stop_);
    EXPECT_FALSE(plan.slides[0].reason.empty());
    EXPECT_EQ(plan.slides[0].skipped, skip);
  }
}

TEST_F(Pipeline, KnowsWhatAPatchTakesOnDisk) {
  const TempDir dir;
  auto folder = open(dir);
  const FakeEncoder wide{256, 32};
  ASSERT_TRUE(index(*folder, {slide("a", covered(8192))}, {&wide}));  // 4,096 tiles
  folder.reset();
  std::uintmax_t bytes = 4096 * 2 * wide.info().dimension;  // of the vectors that are searched
  for (const auto& entry : fs::recursive_directory_iterator(dir.path() / "data")) {
    if (entry.is_regular_file()) bytes += entry.file_size();
  }
  const double each = static_cast<double>(bytes) / 4096;
  EXPECT_NEAR(each / static_cast<double>(bytes_per_patch({&wide})), 1, 0.15);
}

}  // namespace
}  // namespace clippath
