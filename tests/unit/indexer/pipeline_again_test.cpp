// SPDX-License-Identifier: Apache-2.0
#include "clippath/pipeline.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/indexer/pipeline_fixture.h"

namespace clippath {
namespace {

// What becomes of slides that are stored already, by these encoders or others.

namespace fs = std::filesystem;
using test::covered;
using test::Pipeline;
using test::rows_of;
using test::SyntheticSlide;
using test::TempDir;

/// The slide after its file went to another folder.
SlideInput moved(SlideInput slide) {
  const fs::path old = slide.path;
  slide.path = old.parent_path() / "moved" / old.filename();
  fs::create_directories(slide.path.parent_path());
  fs::rename(old, slide.path);
  return slide;
}

TEST_F(Pipeline, LeavesACompleteSlideAlone) {
  const TempDir dir;
  const auto folder = open(dir);
  const std::vector<SlideInput> slides = {slide("a", covered(512))};
  ASSERT_TRUE(index(*folder, slides));
  const std::size_t encoded = encoder_.images_encoded();
  const auto again = index(*folder, slides);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->slides[0].state, SlideState::kUnchanged);
  EXPECT_EQ(again->slides[0].tiles.at("kept"), 16);
  EXPECT_EQ(encoder_.images_encoded(), encoded);
}

TEST_F(Pipeline, IndexesASlideAgainWhoseScaleIsAnother) {
  const TempDir dir;
  const auto folder = open(dir);
  SlideInput input = slide("a", covered(512));
  for (const double mpp : {0.5, 0.25}) {
    input.mpp = MicronsPerPixel{mpp};
    const auto summary = index(*folder, {input});
    ASSERT_TRUE(summary);
    EXPECT_EQ(summary->slides[0].state, SlideState::kDone) << mpp;
    EXPECT_EQ(record(*folder, "a").series[0].extent_um, 128 * mpp);
    const auto patch = folder->records().find_patch(PatchId("a~0_0_128"));
    ASSERT_TRUE(patch && *patch);
    EXPECT_EQ((*patch)->record.extent_um, 128 * mpp);
  }
  EXPECT_EQ(index(*folder, {input})->slides[0].state, SlideState::kUnchanged);
}

TEST_F(Pipeline, EmptiesNoImportedSeriesForAnotherScale) {
  const TempDir dir;
  const auto folder = open(dir);
  SlideInput input = slide("a", covered(512));
  input.mpp = MicronsPerPixel{0.25};
  ASSERT_TRUE(index(*folder, {input}));
  SlideRecord imported = record(*folder, "a");
  imported.path.clear();
  imported.series.clear();
  {
    auto writer = folder->records().write_slide(imported.id, imported.encoders);
    ASSERT_TRUE(writer && (*writer)->complete(imported));
  }
  input.mpp = std::nullopt;  // .5 by the file
  options_.fields = {{FieldOfView::Unit::kLevel0Pixels, 256}};
  const auto refused = index(*folder, {input});
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->slides[0].state, SlideState::kFailed);
  EXPECT_NE(refused->slides[0].reason.find("imported with 0.25 um"), std::string::npos)
      << refused->slides[0].reason;
  EXPECT_EQ(rows_of(*folder).size(), 16U);
  options_.replace = true;
  ASSERT_TRUE(index(*folder, {input}));
  EXPECT_EQ(rows_of(*folder).size(), 4U);
}

TEST_F(Pipeline, ReadsATileOnceForAllEncoders) {
  const test::FakeEncoder other(24, 48, EncoderId("ffeeddccbbaa99887766554433221100"));
  const EncoderId other_id = other.info().id;
  const std::vector<SlideInput> slides = {slide("a", covered(512))};
  const TempDir dir;
  const auto folder = open(dir);
  std::atomic<std::int64_t> seen = 0;
  const auto meter = [&](const IndexProgress& progress) { seen = progress.tiles_seen; };
  ASSERT_TRUE(index(*folder, slides, {&encoder_, &other}, meter));
  EXPECT_EQ(seen, 16);
  EXPECT_EQ(record(*folder, "a").encoders, (std::vector<EncoderId>{encoder_.info().id, other_id}));

  // Each encoder's vectors are those that it makes alone.
  for (const test::FakeEncoder* encoder : {&std::as_const(encoder_), &other}) {
    const TempDir alone_dir;
    const auto alone = open(alone_dir);
    ASSERT_TRUE(index(*alone, slides, {encoder}));
    std::size_t rows = 0;
    ASSERT_TRUE(folder->records().each_patch(
        [&](const SlideRecord&, PatchRow&& row) -> Result<void> {
          ++rows;
          EXPECT_EQ(row.vector, (*alone->records().find_patch(row.record.id))->vector);
          return {};
        },
        encoder->info().id));
    EXPECT_EQ(rows, 16U);
  }
}

TEST_F(Pipeline, IndexesASlideAgainThatLacksAnEncoder) {
  const test::FakeEncoder other(24, 48, EncoderId("ffeeddccbbaa99887766554433221100"));
  const std::vector<SlideInput> slides = {slide("a", covered(512))};
  const TempDir dir;
  const auto folder = open(dir);
  ASSERT_TRUE(index(*folder, slides));
  const auto with_both = index(*folder, slides, {&encoder_, &other});
  ASSERT_TRUE(with_both);
  EXPECT_EQ(with_both->slides[0].state, SlideState::kDone);
  EXPECT_EQ(other.images_encoded(), 16U);
  const auto again = index(*folder, slides, {&encoder_, &other});
  EXPECT_EQ(again->slides[0].state, SlideState::kUnchanged);
  EXPECT_EQ(other.images_encoded(), 16U);
  EXPECT_TRUE(folder->records().verify()->empty());
}

TEST_F(Pipeline, LeavesAPartialSlideAloneUnlessItIsToBeTriedAgain) {
  SyntheticSlide::Drawing drawing = covered(1024);
  drawing.damaged = {{300, 300, 4, 4}};
  const TempDir dir;
  const auto folder = open(dir);
  const std::vector<SlideInput> slides = {slide("a", drawing), slide("b", covered(512))};
  ASSERT_TRUE(index(*folder, slides));
  drawings_["a.svs"].damaged.clear();  // as a disk that answers again
  const std::size_t encoded = encoder_.images_encoded();

  const auto left = index(*folder, slides);
  EXPECT_EQ(left->slides[0].state, SlideState::kPartial);
  EXPECT_NE(left->slides[0].reason.find("1 of 64 tiles"), std::string::npos);
  EXPECT_NE(left->slides[0].reason.find("--retry-failed"), std::string::npos);
  EXPECT_EQ(encoder_.images_encoded(), encoded);

  options_.retry_failed = true;
  const auto again = index(*folder, slides);
  EXPECT_EQ(again->slides[0].state, SlideState::kDone);
  EXPECT_EQ(again->slides[1].state, SlideState::kUnchanged);
  EXPECT_EQ(encoder_.images_encoded(), encoded + 64);
  EXPECT_FALSE(record(*folder, "a").partial);
  EXPECT_EQ(rows_of(*folder).size(), 64U + 16U);
}

TEST_F(Pipeline, ATouchedFileWithTheSameBytesIsStillTheSameSlide) {
  const TempDir dir;
  const auto folder = open(dir);
  const std::vector<SlideInput> slides = {slide("a", covered(512))};
  ASSERT_TRUE(index(*folder, slides));
  fs::last_write_time(slides[0].path, fs::file_time_type::clock::now() + std::chrono::hours(1));
  EXPECT_EQ(index(*folder, slides)->slides[0].state, SlideState::kUnchanged);
}

TEST_F(Pipeline, AMovedFileWithTheSameBytesIsStillTheSameSlide) {
  const TempDir dir;
  const auto folder = open(dir);
  std::vector<SlideInput> slides = {slide("a", covered(512))};
  ASSERT_TRUE(index(*folder, slides));
  slides[0] = moved(slides[0]);
  EXPECT_EQ(index(*folder, slides)->slides[0].state, SlideState::kUnchanged);
  EXPECT_EQ(record(*folder, "a").path, slides[0].path);
}

TEST_F(Pipeline, RefusesAnotherFileOfTheSameSizeAndTime) {
  const TempDir dir;
  const auto folder = open(dir);
  const SlideInput one = slide("a", covered(512), "one");
  ASSERT_TRUE(index(*folder, {one}));
  const auto before = rows_of(*folder);
  const auto written = fs::last_write_time(one.path);
  const SlideInput other = moved(one);
  std::ofstream(other.path) << "two";
  fs::last_write_time(other.path, written);
  const auto refused = index(*folder, {other});
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->slides[0].state, SlideState::kFailed);
  EXPECT_NE(refused->slides[0].reason.find("'" + one.path.string() + "'"), std::string::npos);
  EXPECT_NE(refused->slides[0].reason.find("'" + other.path.string() + "'"), std::string::npos);
  EXPECT_EQ(rows_of(*folder), before);
  EXPECT_EQ(record(*folder, "a").path, one.path);
}

TEST_F(Pipeline, TakesOverWhatTheManifestSaysNow) {
  const TempDir dir;
  const auto folder = open(dir);
  std::vector<SlideInput> slides = {slide("a", covered(512))};
  ASSERT_TRUE(index(*folder, slides));
  slides[0].caption = "Adenocarcinoma";
  EXPECT_EQ(index(*folder, slides)->slides[0].state, SlideState::kUnchanged);
  EXPECT_EQ(record(*folder, "a").caption, "Adenocarcinoma");
  EXPECT_EQ(rows_of(*folder).size(), 16U);
}

TEST_F(Pipeline, RefusesAnIdThatStandsForOtherBytes) {
  const TempDir dir;
  const auto folder = open(dir);
  ASSERT_TRUE(index(*folder, {slide("a", covered(512), "one")}));
  const auto before = rows_of(*folder);
  for (const std::string& bytes : {std::string("two"), std::string("longer")}) {
    const auto refused = index(*folder, {slide("a", covered(1024), bytes)});
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->slides[0].state, SlideState::kFailed);
    EXPECT_NE(refused->slides[0].reason.find("a.svs"), std::string::npos);
    EXPECT_NE(refused->slides[0].reason.find("--replace"), std::string::npos);
  }
  EXPECT_EQ(rows_of(*folder), before);
}

// As `store import` leaves a slide: its digest is known, its file not.
TEST_F(Pipeline, FindsTheFileAgainOfASlideThatWasImported) {
  const TempDir dir;
  const auto folder = open(dir);
  const std::vector<SlideInput> slides = {slide("a", covered(512))};
  ASSERT_TRUE(index(*folder, slides));
  SlideRecord imported = record(*folder, "a");
  const FileFingerprint of_file = imported.fingerprint;
  imported.path.clear();
  imported.fingerprint = {of_file.sha256, 0, 0};
  imported.series.clear();
  const auto store = [&folder](const SlideRecord& slide) {
    auto writer = folder->records().write_slide(slide.id, slide.encoders);
    return writer && (*writer)->complete(slide);
  };
  ASSERT_TRUE(store(imported));
  EXPECT_EQ(index(*folder, slides)->slides[0].state, SlideState::kUnchanged);
  EXPECT_EQ(record(*folder, "a").path, slides[0].path);
  EXPECT_EQ(record(*folder, "a").fingerprint, of_file);

  ASSERT_TRUE(store(imported));
  const auto other = index(*folder, {slide("a", covered(512), "other bytes")});
  EXPECT_EQ(other->slides[0].state, SlideState::kFailed);
}

TEST_F(Pipeline, ReplacesASlideWhenAsked) {
  const TempDir dir;
  const auto folder = open(dir);
  options_.fields = {{FieldOfView::Unit::kLevel0Pixels, 256}};
  ASSERT_TRUE(index(*folder, {slide("a", covered(512), "one")}));
  options_.fields = {{FieldOfView::Unit::kLevel0Pixels, 128}};
  options_.replace = true;
  const auto summary = index(*folder, {slide("a", covered(1024), "two")});
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->slides[0].state, SlideState::kDone);
  // The series of the other file's bytes is gone as well.
  EXPECT_EQ(rows_of(*folder).size(), 64U);
}

TEST_F(Pipeline, AddsASeriesBesideTheOthers) {
  const TempDir dir;
  const auto folder = open(dir);
  const std::vector<SlideInput> slides = {slide("a", covered(512))};
  ASSERT_TRUE(index(*folder, slides));
  options_.fields = {{FieldOfView::Unit::kMicrons, 128}};  // 256 px
  ASSERT_TRUE(index(*folder, slides));
  const SlideRecord stored = record(*folder, "a");
  ASSERT_EQ(stored.series.size(), 2U);
  EXPECT_EQ(stored.series[0].count, 16U);
  EXPECT_EQ(stored.series[1].count, 4U);
  EXPECT_EQ(stored.series[1].extent_um, 128);
}

TEST_F(Pipeline, VectorsOfASeriesDoNotDependOnTheSeriesBesideIt) {
  const std::vector<SlideInput> slides = {slide("a", covered(1100))};
  const auto rows_with = [&](const std::vector<double>& extents) {
    options_.fields.clear();
    for (const double extent : extents) {
      options_.fields.push_back({FieldOfView::Unit::kLevel0Pixels, extent});
    }
    const TempDir dir;
    const auto folder = open(dir);
    EXPECT_TRUE(index(*folder, slides));
    auto rows = rows_of(*folder);
    std::sort(rows.begin(), rows.end());
    return rows;
  };
  auto apart = rows_with({128});
  const auto second = rows_with({200});
  apart.insert(apart.end(), second.begin(), second.end());
  std::sort(apart.begin(), apart.end());
  EXPECT_EQ(rows_with({200, 128}), apart);
}

TEST_F(Pipeline, ReplacesASeriesWithOtherSettings) {
  const TempDir dir;
  const auto folder = open(dir);
  const std::vector<SlideInput> slides = {slide("a", covered(512))};
  ASSERT_TRUE(index(*folder, slides));
  options_.overlap = 0.5;
  const auto summary = index(*folder, slides);
  EXPECT_EQ(summary->slides[0].state, SlideState::kDone);
  EXPECT_EQ(record(*folder, "a").series.size(), 1U);
  EXPECT_EQ(rows_of(*folder).size(), 49U);
}

}  // namespace
}  // namespace clippath
