// SPDX-License-Identifier: Apache-2.0
#include "server/search/query_field.h"

#include <gtest/gtest.h>

#include <vector>

#include "clippath/core/digest.h"

namespace clippath {
namespace {

constexpr double kModelUm = 512;

class QueryFieldTest : public ::testing::Test {
 protected:
  void add_slide(const std::string& id, const std::vector<double>& extents_um) {
    SlideRecord slide;
    slide.id = SlideId(id);
    for (const double extent : extents_um) {
      SeriesRecord series;
      series.extent_um = extent;
      series.count = 4;
      series.stain = StainProfile{};
      slide.series.push_back(series);
    }
    snapshot_.slide_index[id] = static_cast<std::uint32_t>(snapshot_.slides.size());
    snapshot_.slides.push_back(std::move(slide));
  }
  /// For a picture of 1000 x 1400 px.
  [[nodiscard]] double extent(std::optional<double> picture_um,
                              std::optional<SlideId> slide = std::nullopt) const {
    return field(picture_um, std::move(slide)).value().extent_um;
  }
  [[nodiscard]] Result<QueryField> field(std::optional<double> picture_um,
                                         std::optional<SlideId> slide) const {
    ImageQuery query;
    query.image = RgbImage::filled(1400, 1000, 0, 0, 0);
    if (picture_um) query.mpp = MicronsPerPixel{*picture_um / 1000};
    query.slide_id = std::move(slide);
    return choose_query_field(snapshot_, query, kModelUm);
  }

  Snapshot snapshot_;
};

TEST_F(QueryFieldTest, IsTheLargestOfTheIndexThatThePictureHolds) {
  add_slide("a", {256, 1024});
  add_slide("b", {512});
  EXPECT_EQ(extent(1024), 1024);
  EXPECT_EQ(extent(512), 512);
  EXPECT_EQ(extent(256), 256);
  EXPECT_EQ(extent(5000), 1024);
  EXPECT_EQ(extent(935), 1024) << "nearly as large";
  EXPECT_EQ(extent(900), 512);
  EXPECT_EQ(extent(100), 256) << "holds none";
  EXPECT_EQ(extent(std::nullopt), 512) << "the model's";
}

TEST_F(QueryFieldTest, IsTheModelsWhereTheIndexStatesNone) {
  EXPECT_EQ(extent(1024), kModelUm);
  add_slide("a", {0});
  EXPECT_EQ(extent(1024), kModelUm);
  add_slide("b", {2048});
  snapshot_.slides.back().series.front().count = 0;
  EXPECT_EQ(extent(1024), kModelUm);
}

TEST_F(QueryFieldTest, TakesSizeAndStainsOfTheNamedSlide) {
  add_slide("a", {256, 1024});
  add_slide("b", {512});
  EXPECT_EQ(extent(1024, SlideId("b")), 512);
  EXPECT_EQ(field(1024, SlideId("a"))->stain, &*snapshot_.slides[0].series[1].stain);
  EXPECT_EQ(field(300, SlideId("a"))->stain, &*snapshot_.slides[0].series[0].stain);
  EXPECT_EQ(field(1024, std::nullopt)->stain, nullptr);
  const auto unknown = field(1024, SlideId("c"));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(unknown.error().field, "query.slide_id");
}

TEST_F(QueryFieldTest, KnowsThePictureOfAStoredPatchByItsPixels) {
  add_slide("a", {512});
  add_slide("b", {256, 1024});
  snapshot_.slides[1].series[0].level0_extent = 128;
  snapshot_.slides[1].series[1].level0_extent = 512;
  snapshot_.picture_px = 299;
  PatchRecord patch;
  patch.rect = Level0Rect{0, 0, 512, 512};
  patch.picture_hash = xxh3(RgbImage::filled(299, 214, 0, 0, 0).pixels);  // of the query's, reduced
  snapshot_.patches.push_back(patch);
  snapshot_.patch_slide.push_back(1);
  EXPECT_EQ(field(1024, std::nullopt)->stain, nullptr) << "each picture has its own stains";
  snapshot_.patch_of_picture.emplace(patch.picture_hash, 0);
  EXPECT_EQ(field(1024, std::nullopt)->stain, &*snapshot_.slides[1].series[1].stain);
  EXPECT_EQ(field(1024, SlideId("a"))->stain, &*snapshot_.slides[0].series[0].stain) << "named";
  snapshot_.slides[1].series[1].stain.reset();
  EXPECT_EQ(field(1024, std::nullopt)->stain, nullptr);
}

}  // namespace
}  // namespace clippath
