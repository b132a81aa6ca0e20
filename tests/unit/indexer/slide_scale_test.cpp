// SPDX-License-Identifier: Apache-2.0
#include "indexer/slide/openslide/slide_scale.h"

#include <gtest/gtest.h>

#include <map>

namespace clippath {
namespace {

using Properties = std::map<std::string, std::string>;

struct Found {
  std::optional<SlideScale> scale;
  std::vector<std::string> warnings;
};

Found find(const Properties& properties) {
  Found found;
  const PropertyLookup lookup = [&properties](const std::string& name) {
    const auto entry = properties.find(name);
    return entry == properties.end() ? std::nullopt : std::optional(entry->second);
  };
  found.scale = find_scale(lookup, {1000, 500}, found.warnings);
  return found;
}

TEST(SlideScale, PrefersOpenSlidesOwnTag) {
  const Found found = find({{"openslide.mpp-x", "0.25"},
                            {"openslide.mpp-y", "0.252"},
                            {"aperio.MPP", "0.5"},
                            {"openslide.objective-power", "40"}});
  ASSERT_TRUE(found.scale);
  EXPECT_DOUBLE_EQ(found.scale->mpp.value, 0.251);
  EXPECT_EQ(found.scale->source, MppSource::kSlideTag);
  EXPECT_TRUE(found.warnings.empty());
}

TEST(SlideScale, KnowsPixelsThatAreNotSquare) {
  const Found tall = find({{"openslide.mpp-x", "0.25"}, {"openslide.mpp-y", "0.3"}});
  EXPECT_DOUBLE_EQ(tall.scale->mpp.value, 0.275);
  EXPECT_DOUBLE_EQ(tall.scale->mpp_x(), 0.25);
  EXPECT_DOUBLE_EQ(tall.scale->mpp_y(), 0.3);
  ASSERT_EQ(tall.warnings.size(), 1U);
  // Within 2 % it is the same pixel, measured twice.
  const Found near = find({{"openslide.mpp-x", "0.25"}, {"openslide.mpp-y", "0.254"}});
  EXPECT_EQ(near.scale->axis_ratio, 1);
  EXPECT_DOUBLE_EQ(near.scale->mpp_y(), 0.252);
  EXPECT_TRUE(near.warnings.empty());
  // A ratio beyond 2 is a mistake of one of the two.
  const Found absurd = find({{"openslide.mpp-x", "0.25"}, {"openslide.mpp-y", "0.6"}});
  EXPECT_EQ(absurd.scale->axis_ratio, 1);
  EXPECT_EQ(absurd.warnings.size(), 1U);
}

TEST(SlideScale, ReadsVendorTags) {
  EXPECT_EQ(find({{"aperio.MPP", "0.499"}}).scale->source, MppSource::kVendorTag);
  EXPECT_DOUBLE_EQ(find({{"aperio.MPP", "0.499"}}).scale->mpp.value, 0.499);
  const std::string mirax = "mirax.LAYER_0_LEVEL_0_SECTION.MICROMETER_PER_PIXEL_";
  EXPECT_DOUBLE_EQ(find({{mirax + "X", "0.23"}, {mirax + "Y", "0.23"}}).scale->mpp.value, 0.23);
  EXPECT_DOUBLE_EQ(
      find({{"hamamatsu.PhysicalWidth", "460000"}, {"hamamatsu.PhysicalHeight", "230000"}})
          .scale->mpp.value,
      0.46);
  const std::string dicom =
      "dicom.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].PixelSpacing";
  EXPECT_DOUBLE_EQ(find({{dicom + "[0]", "0.00025"}, {dicom + "[1]", "0.00025"}}).scale->mpp.value,
                   0.25);
}

TEST(SlideScale, ReadsTiffResolutionInBothUnits) {
  const Found inch = find({{"tiff.XResolution", "50800"},
                           {"tiff.YResolution", "50800"},
                           {"tiff.ResolutionUnit", "inch"}});
  EXPECT_DOUBLE_EQ(inch.scale->mpp.value, 0.5);
  EXPECT_EQ(inch.scale->source, MppSource::kTiffResolution);
  EXPECT_DOUBLE_EQ(find({{"tiff.XResolution", "40000"},
                         {"tiff.YResolution", "40000"},
                         {"tiff.ResolutionUnit", "centimeter"}})
                       .scale->mpp.value,
                   0.25);
  EXPECT_FALSE(find({{"tiff.XResolution", "40000"}, {"tiff.YResolution", "40000"}}).scale);
}

TEST(SlideScale, RejectsTheResolutionThatEditorsWrite) {
  const Found found = find({{"openslide.mpp-x", "352.778"},
                            {"openslide.mpp-y", "352.778"},
                            {"tiff.XResolution", "72"},
                            {"tiff.YResolution", "72"},
                            {"tiff.ResolutionUnit", "inch"}});
  EXPECT_FALSE(found.scale);
  EXPECT_EQ(found.warnings.size(), 2U);
}

TEST(SlideScale, DoesNotAverageAnAxisThatIsOutOfRange) {
  const Found found = find(
      {{"openslide.mpp-x", "0.5"}, {"openslide.mpp-y", "33"}, {"openslide.objective-power", "20"}});
  EXPECT_EQ(found.scale->source, MppSource::kObjective);
  ASSERT_EQ(found.warnings.size(), 1U);
  EXPECT_NE(found.warnings[0].find("0.5 x 33 um"), std::string::npos) << found.warnings[0];
}

TEST(SlideScale, EstimatesFromTheObjectiveLast) {
  const Found found = find({{"openslide.objective-power", "20"}});
  EXPECT_DOUBLE_EQ(found.scale->mpp.value, 0.5);
  EXPECT_EQ(found.scale->source, MppSource::kObjective);
}

TEST(SlideScale, WarnsOfTagsThatDisagree) {
  EXPECT_EQ(find({{"openslide.mpp-x", "0.5"},
                  {"openslide.mpp-y", "0.5"},
                  {"openslide.objective-power", "40"}})
                .warnings.size(),
            1U);
  EXPECT_EQ(find({{"openslide.mpp-x", "0.5"}, {"openslide.mpp-y", "0.52"}}).warnings.size(), 1U);
}

TEST(SlideScale, IgnoresWhatIsNoNumber) {
  for (const char* text : {"", "abc", "0.5um", "nan", "inf", "-0.5", "0"}) {
    EXPECT_FALSE(find({{"openslide.mpp-x", text}, {"openslide.mpp-y", text}}).scale) << text;
  }
}

}  // namespace
}  // namespace clippath
