// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "clippath/core/csv.h"
#include "clippath/core/files.h"
#include "clippath/core/pictures.h"
#include "tests/unit/indexer/pipeline_fixture.h"

namespace clippath {
namespace {

namespace fs = std::filesystem;
using test::covered;
using test::TempDir;

class SavedPatches : public test::Pipeline {
 protected:
  SavedPatches() {
    options_.fields = {{FieldOfView::Unit::kLevel0Pixels, 128},
                       {FieldOfView::Unit::kLevel0Pixels, 200}};
    options_.save_patches = saved_;
  }

  static std::map<std::string, Embedding> vectors_of(const DataFolder& folder) {
    std::map<std::string, Embedding> vectors;
    const auto visited =
        folder.records().each_patch([&](const SlideRecord&, PatchRow&& row) -> Result<void> {
          vectors[row.record.id.value] = std::move(row.vector);
          return {};
        });
    EXPECT_TRUE(visited);
    return vectors;
  }

  void write_tables(const DataFolder& folder) {
    const auto written = write_patch_tables(saved_, folder);
    ASSERT_TRUE(written) << written.error().message;
  }

  Result<std::vector<PatchTableSlide>> read_back() const {
    return read_patch_table(saved_ / "patches.csv", saved_ / "slides.csv", {});
  }

  TempDir out_;
  const fs::path saved_ = out_.path() / "saved";
};

TEST_F(SavedPatches, ComeBackWithTheSameIdsAndVectors) {
  SlideInput strange = slide("strange", covered(512));
  strange.id = SlideId(escape_id(".. \xC3\xA9"));
  strange.caption = "two, \"quoted\"\nlines";
  const TempDir first;
  const auto folder = open(first);
  ASSERT_TRUE(index(*folder, {slide("a", covered(640)), strange}));
  write_tables(*folder);

  const auto slides = read_back();
  ASSERT_TRUE(slides) << slides.error().message;
  const TempDir second;
  const auto again = open(second);
  const IndexOptions plain;
  const auto summary =
      index_patch_table(*slides, plain, {&encoder_}, &decode_picture, *again, {}, stop_);
  ASSERT_TRUE(summary) << summary.error().message;
  const auto vectors = vectors_of(*folder);
  EXPECT_EQ(vectors.size(), 25U + 9U + 16U + 4U);
  EXPECT_EQ(vectors_of(*again), vectors);
  EXPECT_EQ(record(*again, strange.id.value).caption, strange.caption);
}

TEST_F(SavedPatches, KeepPlaceScaleCaseAndFields) {
  const TempDir dir;
  const auto folder = open(dir);
  ASSERT_TRUE(index(*folder, {slide("a", covered(300))}));
  write_tables(*folder);
  const auto slides = read_back();
  ASSERT_TRUE(slides) << slides.error().message;
  ASSERT_EQ(slides->size(), 1U);
  const PatchTableSlide& back = slides->front();
  const SlideRecord stored = record(*folder, "a");
  EXPECT_EQ(back.case_id, stored.case_id);
  EXPECT_EQ(back.fields, stored.fields);
  EXPECT_EQ(back.scale->mpp, stored.scale->mpp);
  for (const PatchInput& patch : back.patches) {
    const auto row = *folder->records().find_patch(patch.id);
    ASSERT_TRUE(row) << patch.id.value;
    EXPECT_EQ(patch.rect, row->record.rect);
    EXPECT_NEAR(patch.extent_um, row->record.extent_um, 1e-9);
    const RgbImage picture = *decode_picture(*read_file(patch.file, 1U << 24U));
    EXPECT_EQ(xxh3(picture.pixels), row->record.picture_hash);
  }
}

TEST_F(SavedPatches, AnAssumedScaleStaysAssumed) {
  const TempDir dir;
  const auto folder = open(dir);
  SlideInput input = slide("a", covered(300));
  drawings_["a.svs"].mpp = std::nullopt;
  options_.missing_mpp = {MissingMpp::Policy::kDefault, {0.4}};
  ASSERT_TRUE(index(*folder, {input}));
  write_tables(*folder);
  const auto slides = read_back();
  ASSERT_TRUE(slides) << slides.error().message;
  EXPECT_EQ(slides->front().scale->source, MppSource::kAssumed);
  EXPECT_EQ(slides->front().scale->mpp.value, 0.4);
}

TEST_F(SavedPatches, AreMadeUpForOnAnUnchangedSlide) {
  const TempDir dir;
  const auto folder = open(dir);
  const SlideInput input = slide("a", covered(300));
  options_.save_patches.clear();
  ASSERT_TRUE(index(*folder, {input}));

  options_.save_patches = saved_;
  const auto first = index(*folder, {input});
  EXPECT_EQ(first->slides[0].state, SlideState::kDone);
  EXPECT_EQ(index(*folder, {input})->slides[0].state, SlideState::kUnchanged);
  fs::remove(saved_ / "a" / "128_0_128.png");
  EXPECT_EQ(index(*folder, {input})->slides[0].state, SlideState::kDone);
  EXPECT_TRUE(fs::exists(saved_ / "a" / "128_0_128.png"));
}

TEST_F(SavedPatches, TheTableListsOnlyWhatIsThere) {
  const TempDir dir;
  const auto folder = open(dir);
  ASSERT_TRUE(index(*folder, {slide("a", covered(300))}));
  fs::remove(saved_ / "a" / "128_0_128.png");
  EXPECT_EQ(write_patch_tables(saved_, *folder), 4U);
  const auto table = read_csv(saved_ / "patches.csv");
  EXPECT_EQ(table->rows.size(), 4U);
}

TEST_F(SavedPatches, AFolderThatCannotBeWrittenEndsTheRun) {
  const TempDir dir;
  const auto folder = open(dir);
  std::ofstream(out_.path() / "file") << "in the way";
  options_.save_patches = out_.path() / "file";
  const auto summary = index(*folder, {slide("a", covered(300))});
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->slides[0].state, SlideState::kFailed);
  EXPECT_TRUE(vectors_of(*folder).empty());
}

}  // namespace
}  // namespace clippath
