// SPDX-License-Identifier: Apache-2.0
#include "clippath/verify_patch.h"

#include <fstream>

#include "clippath/core/pictures.h"
#include "tests/unit/indexer/pipeline_fixture.h"

namespace clippath {
namespace {

namespace fs = std::filesystem;
using test::covered;
using test::Pipeline;
using test::TempDir;

class VerifyPatch : public Pipeline {
 protected:
  void SetUp() override {
    SyntheticDrawing drawing = covered(1024);
    drawing.tissue = {{0, 0, 1024, 600}};  // cuts through the fifth row of tiles
    slides_ = {slide("a", drawing)};
    folder_ = open(dir_);
  }

  Result<PatchCheck> verify(const std::string& id) {
    return verify_patch(*folder_, PatchId(id), {&encoder_}, opener(), &decode_picture);
  }

  using SyntheticDrawing = test::SyntheticSlide::Drawing;
  TempDir dir_;
  std::unique_ptr<DataFolder> folder_;
  std::vector<SlideInput> slides_;
};

TEST_F(VerifyPatch, EveryPatchOfAnUntouchedSlideHolds) {
  ASSERT_TRUE(index(*folder_, slides_));
  for (const std::string id : {"a~0_0_128", "a~896_384_128", "a~256_512_128"}) {
    const auto check = verify(id);
    ASSERT_TRUE(check) << check.error().message;
    EXPECT_TRUE(check->holds()) << id;
    EXPECT_EQ(check->tissue_fraction.stored, check->tissue_fraction.now);
    EXPECT_EQ(check->white_fraction.stored, check->white_fraction.now);
    EXPECT_EQ(check->source, slides_[0].path.string());
  }
  EXPECT_GT(verify("a~256_512_128")->white_fraction.now, 0);
}

TEST_F(VerifyPatch, RepeatsTheStainStepOfTheSeries) {
  for (const StainScope scope : {StainScope::kPatch, StainScope::kSlide}) {
    const TempDir dir;
    folder_ = open(dir);
    options_.stain = StainRule{scope, default_stain_target(StainMethod::kReinhard)};
    ASSERT_TRUE(index(*folder_, slides_));
    const auto check = verify("a~128_256_128");
    ASSERT_TRUE(check) << check.error().message;
    EXPECT_TRUE(check->holds()) << check->vectors.front().cosine;
    folder_.reset();
  }
}

TEST_F(VerifyPatch, TellsPixelsThatAreReadDifferently) {
  ASSERT_TRUE(index(*folder_, slides_));
  drawings_["a.svs"].tissue[0].x = 64;
  const auto check = verify("a~0_0_128");
  ASSERT_TRUE(check) << check.error().message;
  EXPECT_FALSE(check->same_picture());
  EXPECT_FALSE(check->same_vectors());
  EXPECT_FALSE(check->holds());
}

TEST_F(VerifyPatch, TellsATileThatTheRuleWouldDropNow) {
  options_.tissue = tissue_rule(TissuePreset::kSeed);
  options_.tissue.min_tissue = 0.2;
  ASSERT_TRUE(index(*folder_, slides_));
  drawings_["a.svs"].tissue.clear();
  const auto check = verify("a~0_0_128");
  ASSERT_FALSE(check);
  EXPECT_EQ(check.error().kind, ErrorKind::kFailedPrecondition);
  EXPECT_NE(check.error().message.find("would be dropped (background)"), std::string::npos)
      << check.error().message;
}

TEST_F(VerifyPatch, HoldsForAnEncoderThatSeesMoreThan299Pixels) {
  const test::FakeEncoder large(16, 336);
  options_.fields = {{FieldOfView::Unit::kLevel0Pixels, 512}};
  ASSERT_TRUE(index(*folder_, slides_, EncoderList{&large}));
  EXPECT_EQ(folder_->pipelines().front().picture_px, 336);
  const auto check =
      verify_patch(*folder_, PatchId("a~0_0_512"), {&large}, opener(), &decode_picture);
  ASSERT_TRUE(check) << check.error().message;
  EXPECT_TRUE(check->holds());
}

TEST_F(VerifyPatch, TellsAVectorThatIsNotThatOfItsPicture) {
  ASSERT_TRUE(index(*folder_, slides_));
  test::FakeEncoder other(16, 24);  // sees the same pictures at another size
  const auto check =
      verify_patch(*folder_, PatchId("a~0_0_128"), {&other}, opener(), &decode_picture);
  ASSERT_TRUE(check) << check.error().message;
  EXPECT_TRUE(check->same_picture());
  EXPECT_FALSE(check->holds());
}

TEST_F(VerifyPatch, RefusesAFileOfOtherBytesAndNamesOneThatIsGone) {
  ASSERT_TRUE(index(*folder_, slides_));
  fs::last_write_time(slides_[0].path, fs::file_time_type::clock::now() + std::chrono::hours(1));
  EXPECT_TRUE(verify("a~0_0_128")) << "touched only";
  std::ofstream(slides_[0].path) << "bYtes";
  const auto changed = verify("a~0_0_128");
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().kind, ErrorKind::kFailedPrecondition);
  EXPECT_NE(changed.error().message.find("other bytes"), std::string::npos);
  fs::remove(slides_[0].path);
  const auto gone = verify("a~0_0_128");
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().kind, ErrorKind::kNotFound);
  EXPECT_NE(gone.error().message.find("a.svs"), std::string::npos) << gone.error().message;
}

// Also where the slide's file is known: nothing says that the vectors are of its pixels.
TEST_F(VerifyPatch, SaysHowToIndexWhatWasImportedIntoAStoredSlide) {
  ASSERT_TRUE(index(*folder_, slides_));
  SlideRecord slide = record(*folder_, "a");
  EncodedPatch patch;
  patch.record.rect = Level0Rect{0, 0, 128, 128};
  patch.record.id = make_patch_id(slide.id, Level0Point{0, 0}, 128);
  patch.vectors = {std::vector<float>(16, 0.25F)};
  {
    const auto writer = folder_->records().write_slide(slide.id, slide.encoders);
    ASSERT_TRUE(writer) << writer.error().message;
    ASSERT_TRUE((*writer)->append(128, {patch}));
    ASSERT_TRUE((*writer)->complete(slide));
  }
  const auto check = verify("a~0_0_128");
  ASSERT_FALSE(check);
  EXPECT_EQ(check.error().kind, ErrorKind::kFailedPrecondition);
  EXPECT_NE(check.error().message.find("was imported"), std::string::npos) << check.error().message;
  EXPECT_NE(check.error().message.find("--replace --no-resume"), std::string::npos);
  options_.replace = true;
  options_.retry_all = true;
  ASSERT_TRUE(index(*folder_, slides_));
  EXPECT_TRUE(verify("a~0_0_128")) << "the remedy";
}

TEST_F(VerifyPatch, SaysHowToIndexWhatWasImported) {
  PipelineDocument pipeline;
  pipeline.field_of_view = "imported features";
  ASSERT_TRUE(folder_->note_pipeline(pipeline));
  SlideRecord imported;
  imported.id = SlideId("a");
  imported.encoders = {encoder_.info().id};
  imported.series.emplace_back();
  imported.series[0].level0_extent = 128;
  imported.series[0].pipeline_id = pipeline.id();
  EncodedPatch patch;
  patch.record.rect = Level0Rect{0, 0, 128, 128};
  patch.record.id = make_patch_id(imported.id, Level0Point{0, 0}, 128);
  patch.vectors = {std::vector<float>(16, 0.25F)};
  {
    const auto writer = folder_->records().write_slide(imported.id, imported.encoders);
    ASSERT_TRUE(writer) << writer.error().message;
    ASSERT_TRUE((*writer)->append(128, {patch}));
    ASSERT_TRUE((*writer)->complete(imported));
  }
  const auto check = verify("a~0_0_128");
  ASSERT_FALSE(check);
  EXPECT_EQ(check.error().kind, ErrorKind::kFailedPrecondition);
  EXPECT_NE(check.error().message.find("clippath index SLIDE --data DATA --replace --no-resume"),
            std::string::npos)
      << check.error().message;
  options_.replace = true;
  options_.retry_all = true;
  ASSERT_TRUE(index(*folder_, slides_));
  EXPECT_TRUE(verify("a~0_0_128")) << "the remedy";
}

TEST_F(VerifyPatch, NamesAnUnknownPatch) {
  ASSERT_TRUE(index(*folder_, slides_));
  for (const std::string id : {"a~1_1_128", "nobody~0_0_128", "a", ""}) {
    const auto unknown = verify(id);
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().kind, ErrorKind::kNotFound);
    EXPECT_NE(unknown.error().message.find("'" + id + "'"), std::string::npos);
  }
}

TEST_F(VerifyPatch, MakesAReadyMadePatchAgainFromItsPictureFile) {
  PatchTableSlide table;
  table.id = SlideId("t");
  table.case_id = CaseId("c");
  PatchInput patch;
  patch.id = make_patch_id(table.id, "one");
  patch.file = files_.path() / "one.png";
  table.patches = {patch};
  const auto write = [&patch](std::uint8_t red) {
    const auto png = encode_png(RgbImage::filled(400, 300, red, 80, 120));
    std::ofstream(patch.file, std::ios::binary)
        .write(reinterpret_cast<const char*>(png.data()), static_cast<std::streamsize>(png.size()));
  };
  write(200);
  ASSERT_TRUE(
      index_patch_table({table}, options_, {&encoder_}, &decode_picture, *folder_, {}, stop_));
  ASSERT_TRUE(verify(patch.id.value)) << verify(patch.id.value).error().message;
  EXPECT_TRUE(verify(patch.id.value)->holds());
  EXPECT_EQ(verify(patch.id.value)->source, patch.file.string());
  write(100);
  EXPECT_FALSE(verify(patch.id.value)->holds());
  fs::remove(patch.file);
  EXPECT_EQ(verify(patch.id.value).error().kind, ErrorKind::kNotFound);
}

}  // namespace
}  // namespace clippath
