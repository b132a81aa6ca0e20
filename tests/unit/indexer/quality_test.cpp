// SPDX-License-Identifier: Apache-2.0
#include "clippath/quality.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <utility>
#include <vector>

#include "clippath/tissue.h"
#include "indexer/tissue/gray_pixels.h"
#include "indexer/tissue/ink.h"
#include "indexer/tissue/quality_measures.h"
#include "tests/support/drawn_tile.h"
#include "tests/support/noise.h"

namespace clippath {
namespace {

using test::blurred;
using test::drawn_tissue;
using test::fill;
using test::noise;

std::optional<DropReason> fault(const RgbImage& tile) { return find_fault(tile, kAllQualityRules); }

TEST(Quality, FindsNothingInTissueInFocus) {
  EXPECT_EQ(fault(drawn_tissue()), std::nullopt);
  EXPECT_EQ(fault(drawn_tissue(299, {235, 225, 232}, {190, 170, 195})), std::nullopt);  // pale
}

TEST(Quality, FindsBlurAtAnyContrast) {
  EXPECT_EQ(fault(blurred(drawn_tissue(), 3)), DropReason::kBlur);
  EXPECT_EQ(fault(blurred(drawn_tissue(299, {235, 225, 232}, {120, 80, 130}), 3)),
            DropReason::kBlur);
}

TEST(Quality, FindsInkByItsColour) {
  RgbImage red = drawn_tissue();
  fill(red, 0, 100, 299, 110, {210, 30, 40});
  EXPECT_EQ(fault(red), DropReason::kPenRed);
  RgbImage green = drawn_tissue();
  fill(green, 100, 0, 110, 299, {30, 150, 110});
  EXPECT_EQ(fault(green), DropReason::kPenGreen);
}

TEST(Quality, TakesBloodAndEosinForTissue) {
  RgbImage tile = drawn_tissue();
  fill(tile, 0, 0, 100, 299, {160, 60, 70});
  fill(tile, 100, 0, 200, 299, {225, 105, 160});
  EXPECT_EQ(fault(tile), std::nullopt);
}

TEST(Quality, FindsBlackFromATenthOfThePicture) {
  RgbImage tile = drawn_tissue(300);
  fill(tile, 0, 0, 300, 29, {12, 10, 15});
  EXPECT_EQ(fault(tile), std::nullopt);
  fill(tile, 0, 0, 300, 31, {12, 10, 15});
  EXPECT_EQ(fault(tile), DropReason::kBlack);
}

TEST(Quality, FindsBlankWhateverTheColour) {
  EXPECT_EQ(fault(RgbImage::filled(299, 299, 250, 250, 250)), DropReason::kBlank);
  EXPECT_EQ(fault(RgbImage::filled(299, 299, 200, 120, 170)), DropReason::kBlank);
  EXPECT_EQ(fault(RgbImage::filled(299, 299, 0, 0, 0)), DropReason::kBlank);
}

TEST(Quality, GivesTheFirstFaultInTheStatedOrder) {
  RgbImage tile = blurred(drawn_tissue(), 3);
  fill(tile, 0, 100, 299, 120, {210, 30, 40});
  fill(tile, 0, 150, 299, 170, {30, 150, 110});
  EXPECT_EQ(fault(blurred(tile, 2)), DropReason::kPenRed);
  fill(tile, 0, 0, 299, 60, {0, 0, 0});
  EXPECT_EQ(fault(tile), DropReason::kBlack);
}

TEST(Quality, AppliesOnlyTheRulesAskedFor) {
  const RgbImage blank = RgbImage::filled(299, 299, 0, 0, 0);
  EXPECT_EQ(find_fault(blank, {}), std::nullopt);
  QualityRules black;
  black.black = true;
  EXPECT_EQ(find_fault(blank, black), DropReason::kBlack);
}

// The measures work on planes and many pixels at once: the same pixel by pixel, for pictures that
// fill no plane and no vector.
TEST(Quality, MeasuresWhatEachPixelSays) {
  std::mt19937 random(4);
  for (const auto& [width, height] : {std::pair{1, 1}, {5, 3}, {16, 1}, {33, 31}, {41, 50}}) {
    const RgbImage picture = noise(width, height, random);
    int black = 0;
    int red = 0;
    int green = 0;
    int white = 0;
    std::vector<std::uint8_t> gray;
    for (std::size_t i = 0; i < picture.pixels.size(); i += 3) {
      const int r = picture.pixels[i];
      const int g = picture.pixels[i + 1];
      const int b = picture.pixels[i + 2];
      gray.push_back(gray_of(picture.pixels[i], picture.pixels[i + 1], picture.pixels[i + 2]));
      if (std::max({r, g, b}) <= 40) ++black;
      if (is_red_ink(r, g, b)) ++red;
      if (is_green_ink(r, g, b)) ++green;
      if (gray.back() > 150) ++white;
    }
    const double pixels = width * height;
    const ColourMeasures measures = measure_colours(picture);
    EXPECT_EQ(measures.gray, gray);
    EXPECT_EQ(gray_pixels(picture), gray);
    EXPECT_EQ(measures.black, black / pixels);
    EXPECT_EQ(measures.red_ink, red / pixels);
    EXPECT_EQ(measures.green_ink, green / pixels);
    EXPECT_EQ(white_fraction(picture, 150), white / pixels);
  }
}

TEST(Quality, TakesTheStrongestContrastOfALargePicture) {
  std::vector<std::uint8_t> gray(300'000);
  for (std::size_t i = 0; i < gray.size(); i += 2) gray[i] = 255;
  EXPECT_DOUBLE_EQ(contrast(gray), 127.5);
  gray.assign(gray.size(), 255);
  EXPECT_DOUBLE_EQ(contrast(gray), 0);
}

TEST(Quality, MeasuresTheSharpnessOfAVeryWidePicture) {
  constexpr int kWidth = 70'000;
  constexpr int kHeight = 16;
  std::vector<std::uint8_t> gray(std::size_t{kWidth} * kHeight);
  for (std::size_t i = 0; i < gray.size(); i += 16)
    std::fill_n(gray.begin() + static_cast<std::ptrdiff_t>(i), 8, 255);
  // Across, every eighth of the neighbours differs and every pixel from the eighth one; down, none.
  const double fine = 255.0 * 255 * (kWidth / 8 - 1) / (kWidth - 1);
  const double coarse = 255.0 * 255;
  EXPECT_NEAR(sharpness(gray, kWidth, kHeight), fine / coarse, 1e-12);
}

double sharpness_of(const RgbImage& picture) {
  return sharpness(gray_pixels(picture), picture.width, picture.height);
}

TEST(Quality, MeasuresTheSameSharpnessAtHalfTheContrast) {
  const RgbImage strong = drawn_tissue(299, {220, 140, 190}, {60, 20, 90});
  RgbImage weak = strong;
  for (std::uint8_t& value : weak.pixels) value = static_cast<std::uint8_t>(value / 2 + 100);
  EXPECT_NEAR(sharpness_of(weak), sharpness_of(strong), 0.02);
}

TEST(Quality, JudgesNoFocusWhereThereAreTooFewPixels) {
  EXPECT_EQ(sharpness_of(drawn_tissue(15)), 1);
  EXPECT_EQ(sharpness_of(RgbImage::filled(299, 299, 9, 9, 9)), 1);
}

TEST(QualityRules, ReadsWhatItWrites) {
  for (const char* text : {"none", "blank", "black,pen", "blank,black,pen,blur"}) {
    const auto rules = parse_quality_rules(text);
    ASSERT_TRUE(rules) << text;
    EXPECT_EQ(to_string(*rules), text);
  }
  EXPECT_EQ(parse_quality_rules("all"), kAllQualityRules);
  EXPECT_EQ(to_string(*parse_quality_rules("blur,blank")), "blank,blur");
}

TEST(QualityRules, NamesAWordThatIsNoRule) {
  for (const char* text : {"", "pen,", "blurr", "all,pen", "pen, blur"}) {
    const auto rules = parse_quality_rules(text);
    ASSERT_FALSE(rules) << text;
    EXPECT_EQ(rules.error().kind, ErrorKind::kInvalidArgument);
    EXPECT_NE(rules.error().message.find("blank, black, pen, blur"), std::string::npos);
  }
}

}  // namespace
}  // namespace clippath
