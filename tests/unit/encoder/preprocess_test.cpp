// SPDX-License-Identifier: Apache-2.0
#include "clippath/preprocess.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temp_dir.h"

namespace clippath {
namespace {

using testing::HasSubstr;

Result<Preprocessing> preprocessing_of(const std::string& json) {
  const test::TempDir folder;
  std::ofstream(folder.path() / "preprocessor_config.json") << json;
  return load_preprocessing(folder.path());
}

std::string config_with(const std::string& fields) {
  return R"({"image_mean":[0.5,0.5,0.5],"image_std":[0.5,0.5,0.5],)" + fields + "}";
}

TEST(Preprocessing, ReadsAClipConfigOfEitherAge) {
  const auto now = preprocessing_of(
      config_with(R"("image_processor_type":"CLIPImageProcessor","size":{"shortest_edge":256},
                     "crop_size":{"height":224,"width":200},"resample":3)"));
  ASSERT_TRUE(now) << now.error().message;
  EXPECT_EQ(now->shortest_edge, 256);
  EXPECT_EQ(now->crop_width, 200);
  EXPECT_EQ(now->crop_height, 224);
  EXPECT_EQ(now->filter, ResampleFilter::kBicubic);
  EXPECT_EQ(now->input_width(), 200);

  const auto before = preprocessing_of(
      config_with(R"("feature_extractor_type":"CLIPFeatureExtractor","size":224,"crop_size":224)"));
  ASSERT_TRUE(before) << before.error().message;
  EXPECT_EQ(before->shortest_edge, 224);
  EXPECT_EQ(before->crop_width, 224);
}

TEST(Preprocessing, ReadsAVitConfig) {
  const auto vit = preprocessing_of(config_with(
      R"("image_processor_type":"ViTImageProcessor","size":{"height":224,"width":192},"resample":2)"));
  ASSERT_TRUE(vit) << vit.error().message;
  EXPECT_EQ(vit->shortest_edge, 0);
  EXPECT_EQ(vit->exact_width, 192);
  EXPECT_EQ(vit->input_width(), 192);
  EXPECT_EQ(vit->input_height(), 224);
  EXPECT_EQ(vit->crop_width, 0);
  EXPECT_EQ(vit->filter, ResampleFilter::kBilinear);
}

TEST(Preprocessing, ReadsABitConfig) {
  const auto dinov2 = preprocessing_of(config_with(
      R"("image_processor_type":"BitImageProcessor","size":{"shortest_edge":256},
         "crop_size":{"height":224,"width":224},"do_center_crop":true,"resample":3)"));
  ASSERT_TRUE(dinov2) << dinov2.error().message;
  EXPECT_EQ(dinov2->shortest_edge, 256);
  EXPECT_EQ(dinov2->input_width(), 224);
  EXPECT_EQ(dinov2->crop_rule, CropRule::kFloor);
}

Result<Preprocessing> open_clip_of(const std::string& json) {
  const test::TempDir folder;
  std::ofstream(folder.path() / "open_clip_config.json") << json;
  return load_preprocessing(folder.path());
}

TEST(Preprocessing, TakesFromOpenClipTheSizeOfItsTowerAndTheNumbersOfClip) {
  const auto bare = open_clip_of(R"({"model_cfg":{"vision_cfg":{"image_size":448,"width":768}}})");
  ASSERT_TRUE(bare) << bare.error().message;
  EXPECT_EQ(bare->shortest_edge, 448);
  EXPECT_EQ(bare->input_width(), 448);
  EXPECT_EQ(bare->crop_rule, CropRule::kHalfToEven);
  EXPECT_EQ(bare->filter, ResampleFilter::kBicubic);
  EXPECT_EQ(bare->mean[0], 0.48145466);
  EXPECT_EQ(bare->std[2], 0.27577711);

  const auto given = open_clip_of(
      R"({"model_cfg":{"vision_cfg":{"image_size":448}},"preprocess_cfg":{"size":[336,336],
          "mean":[0.1,0.2,0.3],"std":[1,2,3],"interpolation":"bilinear","mode":"RGB",
          "resize_mode":"shortest","fill_color":0}})");
  ASSERT_TRUE(given) << given.error().message;
  EXPECT_EQ(given->input_height(), 336);
  EXPECT_EQ(given->filter, ResampleFilter::kBilinear);
  EXPECT_EQ(given->mean[1], 0.2);
  EXPECT_EQ(given->std[2], 3);
}

TEST(Preprocessing, TakesFromConchTheSizeOfItsTowerAndTheNumbersOfClip) {
  const auto conch_of = [](const std::string& vision) {
    const test::TempDir folder;
    std::ofstream(folder.path() / "config.json")
        << R"({"embed_dim":512,"embed_dim_caption":768,"vision_cfg":)" + vision + "}";
    return load_preprocessing(folder.path());
  };
  const auto read = conch_of(R"({"image_size":448,"patch_size":16})");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->shortest_edge, 448);
  EXPECT_EQ(read->input_width(), 448);
  EXPECT_EQ(read->input_height(), 448);
  EXPECT_EQ(read->crop_rule, CropRule::kHalfToEven);
  EXPECT_EQ(read->filter, ResampleFilter::kBicubic);
  EXPECT_EQ(read->mean[0], 0.48145466);
  EXPECT_EQ(read->std[2], 0.27577711);
  const auto wrong = conch_of(R"({"image_size":"448"})");
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message, HasSubstr("vision_cfg.image_size"));
}

TEST(Preprocessing, NamesWhatItDoesNotDoOfOpenClip) {
  for (const char* fields : {R"("resize_mode":"squash")", R"("interpolation":"random")",
                             R"("size":[224,336])", R"("mode":"L")"}) {
    const auto refused = open_clip_of(R"({"model_cfg":{"vision_cfg":{}},"preprocess_cfg":{)" +
                                      std::string(fields) + "}}");
    ASSERT_FALSE(refused) << fields;
    EXPECT_EQ(refused.error().kind, ErrorKind::kUnsupported) << fields;
    EXPECT_THAT(refused.error().message, HasSubstr("preprocess_cfg."));
  }
}

TEST(Preprocessing, ResizesForTimmByTheShareOfTheCrop) {
  const auto timm_of = [](const std::string& fields) {
    const test::TempDir folder;
    std::ofstream(folder.path() / "config.json")
        << R"({"architecture":"vit_base_patch16_224","pretrained_cfg":{"tag":"x",
               "input_size":[3,224,224],"mean":[0,0,0],"std":[1,1,1])" +
               fields + "}}";
    return load_preprocessing(folder.path());
  };
  const auto cut = timm_of(R"(,"crop_pct":0.9,"interpolation":"bilinear")");
  ASSERT_TRUE(cut) << cut.error().message;
  EXPECT_EQ(cut->shortest_edge, 248);
  EXPECT_EQ(cut->input_width(), 224);
  EXPECT_EQ(cut->filter, ResampleFilter::kBilinear);
  EXPECT_EQ(cut->crop_rule, CropRule::kHalfToEven);
  EXPECT_EQ(timm_of(R"(,"crop_pct":1.0)")->shortest_edge, 224);
  EXPECT_EQ(timm_of("")->shortest_edge, 256);
  EXPECT_FALSE(timm_of(R"(,"crop_mode":"squash")"));
  EXPECT_FALSE(timm_of(R"(,"crop_pct":0.054)"));  // 4148 px, of which 224 are kept
}

TEST(Preprocessing, NamesWhatItDoesNotDo) {
  struct Case {
    const char* fields;
    ErrorKind kind;
    const char* message;
  };
  constexpr auto kUnsupported = ErrorKind::kUnsupported;
  constexpr auto kInvalid = ErrorKind::kInvalidArgument;
  const std::vector<Case> cases = {
      {R"("resample":0)", kUnsupported, "resample"},
      {R"("resample":9)", kInvalid, "resample"},
      {R"("do_resize":false)", kUnsupported, "do_resize"},
      {R"("do_rescale":false)", kUnsupported, "rescale_factor"},
      {R"("rescale_factor":0.5)", kUnsupported, "rescale_factor"},
      {R"("do_pad":true)", kUnsupported, "do_pad"},
      {R"("do_center_crop":false)", kUnsupported, "do_center_crop"},
      {R"("size":{"shortest_edge":100})", kUnsupported, "crop_size"},
      {R"("size":{"longest_edge":100})", kInvalid, "size"},
      {R"("size":0)", kInvalid, "size"},
      {R"("crop_size":{"height":"a","width":1})", kInvalid, "crop_size.height"},
      {R"("image_processor_type":"BlipImageProcessor")", kUnsupported, "BlipImageProcessor"}};
  for (const Case& wrong : cases) {
    const auto read = preprocessing_of(config_with(wrong.fields));
    ASSERT_FALSE(read) << wrong.fields;
    EXPECT_EQ(read.error().kind, wrong.kind) << read.error().message;
    EXPECT_THAT(read.error().message, HasSubstr(wrong.message));
  }
  EXPECT_THAT(preprocessing_of(R"({"image_mean":[0,0,0],"image_std":[1,0,1]})").error().message,
              HasSubstr("image_std"));
  EXPECT_FALSE(preprocessing_of(R"({"image_mean":[0,0,0],"image_std":[1,1,1e-30]})"));
  for (const char* crop : {R"("height":32,"width":33)", R"("height":33,"width":32)"}) {
    const auto wide =
        preprocessing_of(config_with(std::string(R"("size":32,"crop_size":{)") + crop + "}"));
    ASSERT_FALSE(wide) << crop;
    EXPECT_THAT(wide.error().message, HasSubstr("crop_size"));
  }
  EXPECT_FALSE(preprocessing_of(R"({"image_mean":[0,1e300,0],"image_std":[1,1,1]})"));
  EXPECT_THAT(preprocessing_of(R"({"image_mean":[0,0],"image_std":[1,1,1]})").error().message,
              HasSubstr("image_mean"));
}

TEST(Preprocessing, NamesTheMissingFile) {
  const test::TempDir folder;
  const auto read = load_preprocessing(folder.path());
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::kNotFound);
  EXPECT_THAT(read.error().message, HasSubstr("preprocessor_config.json"));
}

Preprocessing small(int shortest_edge, int crop) {
  Preprocessing preprocessing;
  preprocessing.shortest_edge = shortest_edge;
  preprocessing.crop_width = crop;
  preprocessing.crop_height = crop;
  return preprocessing;
}

TEST(Preprocessing, CropsTheMiddleWithTheOffsetRoundedDown) {
  // 9 x 4 pixels, shortest edge 4: no resize, so the crop alone shows; (9 - 4) / 2 = 2.
  RgbImage image = RgbImage::filled(9, 4, 0, 0, 0);
  for (int y = 0; y < 4; ++y) {
    for (int x = 0; x < 9; ++x) image.row(y)[3 * x] = static_cast<std::uint8_t>(10 * x + y);
  }
  const RgbImage fitted = small(4, 4).fit(image);
  ASSERT_EQ(fitted.width, 4);
  ASSERT_EQ(fitted.height, 4);
  for (int y = 0; y < 4; ++y) {
    for (int x = 0; x < 4; ++x) EXPECT_EQ(fitted.row(y)[3 * x], 10 * (x + 2) + y);
  }
}

TEST(Preprocessing, FittingTwiceChangesNothing) {
  RgbImage image = RgbImage::filled(61, 47, 10, 200, 90);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    image.pixels[i] = static_cast<std::uint8_t>(i * 37 % 251);
  }
  for (const Preprocessing& preprocessing : {small(32, 32), small(40, 32)}) {
    const RgbImage once = preprocessing.fit(image);
    EXPECT_EQ(once.width, 32);
    EXPECT_EQ(once.height, 32);
    EXPECT_EQ(preprocessing.fit(once), once);
  }
}

TEST(Preprocessing, KeepsTheMiddleOfAThreadWithoutAHugePicture) {
  Preprocessing preprocessing;
  for (const bool upright : {false, true}) {
    RgbImage thread = RgbImage::filled(upright ? 1 : 16'384, upright ? 16'384 : 1, 0, 0, 0);
    for (std::size_t i = 0; i < 40; ++i) thread.pixels[3 * (16'384 / 2 - 20 + i)] = 255;
    EXPECT_EQ(preprocessing.fit(thread), RgbImage::filled(224, 224, 255, 0, 0));
  }
}

TEST(Preprocessing, FitsPicturesOfOnePixel) {
  const RgbImage fitted = small(32, 32).fit(RgbImage::filled(1, 1, 7, 8, 9));
  EXPECT_EQ(fitted, RgbImage::filled(32, 32, 7, 8, 9));
}

}  // namespace
}  // namespace clippath
