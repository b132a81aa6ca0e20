// SPDX-License-Identifier: Apache-2.0
#include "clippath/tissue.h"

#include <gtest/gtest.h>

#include <random>

#include "indexer/tissue/mask_pixels.h"
#include "tests/support/synthetic_slide.h"

namespace clippath {
namespace {

TEST(TissueMaskBeyondTheSlide, HasNoTissue) {
  const RgbImage tissue = RgbImage::filled(10, 10, 120, 60, 130);
  const TissueMask mask(Thumbnail{tissue, {0, 0, 100, 100}}, {});
  EXPECT_EQ(mask.tissue_fraction({0, 0, 100, 100}), 1);
  EXPECT_EQ(mask.tissue_fraction({60, 0, 80, 100}), 0.5);
  EXPECT_EQ(mask.tissue_fraction({60, 60, 80, 80}), 0.25);
  EXPECT_EQ(mask.tissue_fraction({100, 0, 80, 80}), 0);
}

using test::SyntheticSlide;

std::vector<std::int64_t> random_histogram(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::int64_t> histogram(256);
  const int bins = std::uniform_int_distribution<int>(2, 256)(random);
  for (int i = 0; i < bins; ++i) {
    const auto bin = std::uniform_int_distribution<std::size_t>(0, 255)(random);
    histogram[bin] += std::uniform_int_distribution<std::int64_t>(1, 2000)(random);
  }
  return histogram;
}

/// Variance between the classes {<= t} and {> t}, straight from its definition.
long double variance_between(const std::vector<std::int64_t>& histogram, int t) {
  long double weight[2] = {0, 0};
  long double sum[2] = {0, 0};
  for (int i = 0; i < 256; ++i) {
    const int side = i <= t ? 0 : 1;
    weight[side] += static_cast<long double>(histogram[static_cast<std::size_t>(i)]);
    sum[side] += static_cast<long double>(histogram[static_cast<std::size_t>(i)]) * i;
  }
  if (weight[0] == 0 || weight[1] == 0) return -1;
  const long double difference = sum[0] / weight[0] - sum[1] / weight[1];
  return weight[0] * weight[1] * difference * difference;
}

TEST(Otsu, EqualsTheDefinitionOnRandomHistograms) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto histogram = random_histogram(seed);
    int naive = 0;
    long double best = variance_between(histogram, 0);
    for (int t = 1; t < 256; ++t) {
      const long double variance = variance_between(histogram, t);
      if (variance > best * (1 + 1e-15L)) {
        naive = t;
        best = variance;
      }
    }
    const std::optional<int> threshold = otsu_threshold(histogram);
    if (threshold) {
      EXPECT_EQ(*threshold, naive) << "seed " << seed;
    }
  }
}

TEST(Otsu, TakesTheSmallestOfEqualThresholds) {
  std::vector<std::int64_t> histogram(256);
  histogram[10] = 5;
  histogram[200] = 5;
  EXPECT_EQ(otsu_threshold(histogram), 10);
}

TEST(Otsu, HasNoThresholdForOneGray) {
  std::vector<std::int64_t> histogram(256);
  EXPECT_EQ(otsu_threshold(histogram), std::nullopt);
  histogram[77] = 1000;
  EXPECT_EQ(otsu_threshold(histogram), std::nullopt);
}

TEST(Gray, RoundsAsPillow) {
  EXPECT_EQ(gray_of(255, 255, 255), 255);
  EXPECT_EQ(gray_of(0, 0, 0), 0);
  EXPECT_EQ(gray_of(255, 0, 0), 76);
  EXPECT_EQ(gray_of(0, 255, 0), 150);
  EXPECT_EQ(gray_of(0, 0, 255), 29);
  EXPECT_EQ(gray_of(1, 2, 3), 2);
}

TEST(WhiteFraction, CountsPixelsAboveTheThresholdOnly) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    std::mt19937_64 random(seed);
    RgbImage image{37, 23, {}};
    image.pixels.resize(image.size_bytes());
    for (auto& value : image.pixels) value = static_cast<std::uint8_t>(200 + random() % 56);
    const int threshold = static_cast<int>(210 + random() % 40);
    int white = 0;
    for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
      white += gray_of(image.pixels[i], image.pixels[i + 1], image.pixels[i + 2]) > threshold;
    }
    EXPECT_DOUBLE_EQ(white_fraction(image, threshold), white / (37.0 * 23.0)) << "seed " << seed;
  }
  EXPECT_EQ(white_fraction(RgbImage::filled(9, 9, 225, 225, 225), 225), 0);
  EXPECT_EQ(white_fraction(RgbImage::filled(9, 9, 226, 226, 226), 225), 1);
}

TEST(TissueMask, GivesTheShareOfTissueOfARectangle) {
  RgbImage thumbnail = RgbImage::filled(100, 100, 240, 240, 240);
  for (int y = 20; y < 60; ++y) {
    for (int x = 10; x < 60; ++x) {
      for (int c = 0; c < 3; ++c) thumbnail.row(y)[x * 3 + c] = 100;
    }
  }
  const TissueMask mask({thumbnail, {1000, 2000, 1600, 1600}}, TissueRule{});
  const auto share = [&mask](int x, int y, int width, int height) {
    return mask.tissue_fraction({1000 + 16 * x, 2000 + 16 * y, 16 * width, 16 * height});
  };
  EXPECT_EQ(share(10, 20, 50, 40), 1);
  EXPECT_EQ(share(0, 0, 10, 100), 0);
  EXPECT_DOUBLE_EQ(share(0, 0, 100, 100), 0.2);
  EXPECT_DOUBLE_EQ(share(50, 20, 20, 10), 0.5);
  EXPECT_EQ(mask.tissue_fraction({0, 0, 500, 500}), 0);  // outside of what the mask covers
}

TEST(TissueMask, KeepsItsThresholdWithinTheRule) {
  const auto threshold_of = [](std::size_t dark, std::size_t bright) {
    std::vector<std::int64_t> histogram(256);
    histogram[dark] = 1;
    histogram[bright] = 99;
    return luminance_threshold(histogram, 225);
  };
  EXPECT_EQ(threshold_of(50, 240), 200);   // Otsu says 50
  EXPECT_EQ(threshold_of(210, 240), 210);  // Otsu's own
  EXPECT_EQ(threshold_of(235, 250), 225);  // Otsu says 235
}

TEST(TissueMask, TakesOneSingleGrayForAllTissueOrAllGlass) {
  const Level0Rect all{0, 0, 10, 10};
  const auto share = [&all](std::uint8_t gray) {
    return TissueMask({RgbImage::filled(10, 10, gray, gray, gray), all}, TissueRule{})
        .tissue_fraction(all);
  };
  EXPECT_EQ(share(226), 0);
  EXPECT_EQ(share(225), 1);
}

TEST(TissueMask, FindsDrawnTissueOnSlidesOfAnyPyramid) {
  for (const std::vector<int>& downsamples :
       {std::vector<int>{1}, std::vector<int>{1, 4}, std::vector<int>{1, 4, 16, 64}}) {
    for (const std::optional<double> mpp :
         {std::optional(0.25), std::optional(1.0), std::optional<double>()}) {
      SyntheticSlide::Drawing drawing;
      drawing.downsamples = downsamples;
      drawing.mpp = mpp;
      drawing.width = drawing.height = 2048;
      drawing.tissue = {{256, 512, 1024, 512}};
      const SyntheticSlide slide(drawing);
      const auto mask = make_tissue_mask(slide, slide.info().scale, {});
      ASSERT_TRUE(mask) << mask.error().message;
      EXPECT_NEAR(mask->tissue_fraction({0, 0, 2048, 2048}), 0.125, 0.01);
      EXPECT_EQ(mask->tissue_fraction({512, 640, 256, 256}), 1);
      EXPECT_EQ(mask->tissue_fraction({1536, 1536, 256, 256}), 0);
    }
  }
}

TEST(TissueMask, TakesWhatCannotBeReadForTissue) {
  SyntheticSlide::Drawing drawing;
  drawing.width = 16384;
  drawing.damaged = {{0, 0, 64, 64}};
  const SyntheticSlide slide(drawing);
  const auto mask = make_tissue_mask(slide, slide.info().scale, {});
  ASSERT_TRUE(mask);
  EXPECT_EQ(mask->tissue_fraction({0, 0, 128, 128}), 1);
  EXPECT_EQ(mask->tissue_fraction({512, 0, 1024, 1024}), 0);
}

/// Counts the reads that fail.
class CountingSlide final : public SlideReader {
 public:
  explicit CountingSlide(SyntheticSlide::Drawing drawing) : slide_(std::move(drawing)) {}
  [[nodiscard]] const SlideInfo& info() const override { return slide_.info(); }
  [[nodiscard]] Result<RgbImage> read(Level0Point origin, int level,
                                      PixelSize size) const override {
    auto region = slide_.read(origin, level, size);
    if (!region) ++failures_;
    return region;
  }
  [[nodiscard]] int failures() const { return failures_; }

 private:
  SyntheticSlide slide_;
  mutable int failures_ = 0;
};

// Each of them may be a decoder that dies.
TEST(Thumbnail, ADamagedPieceOfTheFileCostsFewReads) {
  SyntheticSlide::Drawing drawing;
  drawing.width = 16384;
  drawing.downsamples = {1, 16};
  drawing.damaged = {{480 * 16, 0, 240 * 16, 240 * 16}};
  const CountingSlide slide(drawing);
  const auto thumbnail = read_thumbnail(slide, slide.info().scale);
  ASSERT_TRUE(thumbnail);
  EXPECT_EQ(thumbnail->picture.row(0)[0], 255);
  EXPECT_EQ(thumbnail->picture.row(0)[600 * 3], 0);
  EXPECT_LE(slide.failures(), 16);
}

TEST(TissueMask, FailsWhereNothingCanBeRead) {
  SyntheticSlide::Drawing drawing;
  drawing.damaged = {{0, 0, 4096, 4096}};
  const SyntheticSlide slide(drawing);
  EXPECT_EQ(make_tissue_mask(slide, slide.info().scale, {}).error().kind, ErrorKind::kCorruption);
}

}  // namespace
}  // namespace clippath
