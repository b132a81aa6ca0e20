// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>

#include "clippath/core/pictures.h"
#include "clippath/pipeline.h"
#include "tests/support/fake_encoder.h"
#include "tests/support/temp_dir.h"

namespace clippath {
namespace {

namespace fs = std::filesystem;
using test::FakeEncoder;
using test::TempDir;

RgbImage stripes(int width, int height, int step) {
  RgbImage image = RgbImage::filled(width, height, 200, 120, 180);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; x += step) image.row(y)[x * 3] = 20;
  }
  return image;
}

class IndexTable : public testing::Test {
 protected:
  IndexTable() {
    auto folder = DataFolder::open(dir_.path() / "data", Access::kWrite, "test");
    EXPECT_TRUE(folder);
    folder_ = std::move(*folder);
  }

  PatchInput patch(const SlideId& slide, std::int64_t x, std::int64_t extent,
                   const RgbImage& image) {
    PatchInput input;
    input.id = make_patch_id(slide, {x, 0}, extent);
    input.rect = Level0Rect{x, 0, extent, extent};
    input.extent_um = static_cast<double>(extent) / 2;
    input.file = dir_.path() / (input.id.value + ".png");
    const auto png = encode_png(image);
    std::ofstream(input.file, std::ios::binary)
        .write(reinterpret_cast<const char*>(png.data()), static_cast<std::streamsize>(png.size()));
    return input;
  }

  /// A slide of two fields of view: five patches of 100 px, two of 300 px.
  PatchTableSlide two_series(const std::string& id) {
    PatchTableSlide slide;
    slide.id = SlideId(id);
    slide.case_id = CaseId("c");
    slide.scale = SlideScale{{0.5}, MppSource::kManifest};
    for (int i = 0; i < 5; ++i) {
      slide.patches.push_back(patch(slide.id, i * 100, 100, stripes(64, 64, 2 + i)));
    }
    for (int i = 0; i < 2; ++i) {
      slide.patches.push_back(patch(slide.id, i * 300, 300, stripes(400, 200, 2 + i)));
    }
    return slide;
  }

  Result<IndexSummary> index(const std::vector<PatchTableSlide>& slides) {
    return index_patch_table(slides, options_, {&encoder_}, &decode_picture, *folder_, {}, stop_);
  }

  TempDir dir_;
  std::unique_ptr<DataFolder> folder_;
  FakeEncoder encoder_;
  IndexOptions options_;
  std::atomic<bool> stop_ = false;
};

TEST_F(IndexTable, MakesOneSeriesOfEachExtent) {
  const auto summary = index({two_series("a")});
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_EQ(summary->slides[0].state, SlideState::kDone);
  EXPECT_EQ(summary->slides[0].tiles.at("kept"), 7);
  const SlideRecord slide = **folder_->records().find_slide(SlideId("a"));
  ASSERT_EQ(slide.series.size(), 2U);
  EXPECT_EQ(slide.series[0].level0_extent, 100);
  EXPECT_EQ(slide.series[0].count, 5U);
  EXPECT_EQ(slide.series[1].extent_um, 150);
  EXPECT_TRUE(slide.path.empty());
}

TEST_F(IndexTable, EncodesThePictureScaledToTheCommonSize) {
  const PatchTableSlide slide = two_series("a");
  ASSERT_TRUE(index({slide}));
  const auto row = folder_->records().find_patch(slide.patches[0].id);
  ASSERT_TRUE(row && *row);
  const auto expected = encoder_.encode_images(std::vector<RgbImage>{stripes(64, 64, 2)});
  EXPECT_NEAR(dot((*row)->vector, expected->row(0)), 1, 1e-3);
  EXPECT_EQ((*row)->record.image_path, slide.patches[0].file.string());
}

TEST_F(IndexTable, AnUnreadablePictureCostsOnePatch) {
  PatchTableSlide slide = two_series("a");
  fs::remove(slide.patches[2].file);
  std::ofstream(slide.patches[3].file) << "no picture";
  fs::remove(slide.patches[4].file);
  ASSERT_EQ(::mkfifo(slide.patches[4].file.c_str(), 0600), 0);
  const auto summary = index({slide});
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->slides[0].state, SlideState::kPartial);
  EXPECT_EQ(summary->slides[0].tiles.at("read_error"), 3);
  EXPECT_EQ(summary->slides[0].tiles.at("kept"), 4);
  EXPECT_TRUE((**folder_->records().find_slide(SlideId("a"))).partial);
}

TEST_F(IndexTable, MendsAPartialSlideThatIsTriedAgain) {
  PatchTableSlide slide = two_series("a");
  fs::remove(slide.patches[2].file);
  std::ofstream(slide.patches[3].file) << "no picture";
  ASSERT_EQ(index({slide})->slides[0].state, SlideState::kPartial);
  slide = two_series("a");
  options_.retry_failed = true;
  const auto summary = index({slide});
  EXPECT_EQ(summary->slides[0].state, SlideState::kDone) << summary->slides[0].reason;
  EXPECT_EQ(summary->slides[0].tiles.at("kept"), 7);
  EXPECT_FALSE((**folder_->records().find_slide(SlideId("a"))).partial);
  EXPECT_EQ(index({slide})->slides[0].state, SlideState::kUnchanged);
}

TEST_F(IndexTable, APartialSlideThatIsTriedAgainMustHaveWhatIsStored) {
  PatchTableSlide slide = two_series("a");
  fs::remove(slide.patches[2].file);
  ASSERT_EQ(index({slide})->slides[0].state, SlideState::kPartial);
  options_.retry_failed = true;
  PatchTableSlide redrawn = two_series("a");
  redrawn.patches[0] = patch(slide.id, 0, 100, stripes(64, 64, 9));
  EXPECT_EQ(index({redrawn})->slides[0].state, SlideState::kFailed);
  PatchTableSlide renamed = two_series("a");
  renamed.patches[0].caption = "another";
  EXPECT_EQ(index({renamed})->slides[0].state, SlideState::kFailed);
  PatchTableSlide shorter = two_series("a");
  shorter.patches.pop_back();
  EXPECT_EQ(index({shorter})->slides[0].state, SlideState::kFailed);
}

TEST_F(IndexTable, LeavesAnUnchangedTableAloneAndRefusesAChangedOne) {
  PatchTableSlide slide = two_series("a");
  ASSERT_TRUE(index({slide}));
  const std::size_t encoded = encoder_.images_encoded();
  EXPECT_EQ(index({slide})->slides[0].state, SlideState::kUnchanged);
  EXPECT_EQ(encoder_.images_encoded(), encoded);

  slide.patches[0] = patch(slide.id, 0, 100, stripes(64, 64, 9));
  const auto refused = index({slide});
  EXPECT_EQ(refused->slides[0].state, SlideState::kFailed);
  EXPECT_NE(refused->slides[0].reason.find("--replace"), std::string::npos);
  options_.replace = true;
  EXPECT_EQ(index({slide})->slides[0].state, SlideState::kDone);
}

TEST_F(IndexTable, NeedsAScaleForPatchesWithAPlaceOnly) {
  PatchTableSlide placed = two_series("a");
  placed.scale.reset();
  PatchTableSlide unplaced = two_series("b");
  unplaced.scale.reset();
  for (PatchInput& patch : unplaced.patches) {
    patch.rect.reset();
    patch.extent_um = 0;
  }
  const auto summary = index({placed, unplaced});
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->slides[0].state, SlideState::kNoMpp);
  EXPECT_NE(summary->slides[0].reason.find("--missing-mpp"), std::string::npos);
  EXPECT_EQ(summary->slides[1].state, SlideState::kDone);
}

}  // namespace
}  // namespace clippath
