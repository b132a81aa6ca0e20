// SPDX-License-Identifier: Apache-2.0
#include "clippath/stain.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "clippath/core/files.h"
#include "clippath/core/pictures.h"
#include "indexer/stain/concentrations.h"
#include "indexer/stain/dictionary.h"
#include "indexer/stain/percentile.h"
#include "indexer/stain/tissue_pixels.h"

namespace clippath {
namespace {

constexpr StainMatrix kStains{{{0.65, 0.70, 0.29}, {0.27, 0.93, 0.24}}};

StainMatrix unit(StainMatrix matrix) {
  for (auto& row : matrix) {
    const double length = std::hypot(row[0], row[1], row[2]);
    for (double& value : row) value /= length;
  }
  return matrix;
}

/// Random amounts of two stains; some pixels have only one of them.
RgbImage two_stain_picture(const StainMatrix& stains, unsigned seed, int side = 64) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> amount(0.05, 1.6);
  RgbImage picture = RgbImage::filled(side, side, 0, 0, 0);
  for (std::size_t i = 0; i < picture.pixels.size(); i += 3) {
    const unsigned kind = random() % 4;
    const double h = kind == 0 ? 0 : amount(random);
    const double e = kind == 1 ? 0 : amount(random);
    for (std::size_t c = 0; c < 3; ++c) {
      const double density = h * stains[0][c] + e * stains[1][c];
      picture.pixels[i + c] = static_cast<std::uint8_t>(std::lround(255 * std::exp(-density)));
    }
  }
  return picture;
}

TEST(Percentile, IsThatOfTheSortedValues) {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    std::vector<double> values(1 + random() % (round % 2 == 0 ? 40 : 3000));
    for (double& value : values) value = static_cast<double>(random() % 50);
    std::vector<double> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    for (const double q : {0.0, 1.0, 37.5, 50.0, 99.0, 100.0}) {
      const double position = q / 100 * static_cast<double>(sorted.size() - 1);
      const auto low = static_cast<std::size_t>(position);
      const std::size_t high = std::min(low + 1, sorted.size() - 1);
      const double expected =
          sorted[low] + (sorted[high] - sorted[low]) * (position - static_cast<double>(low));
      EXPECT_DOUBLE_EQ(percentile(values, q), expected) << "round " << round << ", q " << q;
    }
  }
}

TEST(TailPercentile, IsExactOrNothing) {
  std::mt19937 random(4);
  int found = 0;
  for (int round = 0; round < 400; ++round) {
    std::vector<double> values(1 + random() % 3000);
    for (double& value : values) value = static_cast<double>(random() % 500);
    std::vector<double> sample(1 + random() % 200);  // of other numbers on every third round
    for (double& value : sample) {
      value =
          round % 3 == 0 ? static_cast<double>(random() % 900) : values[random() % values.size()];
    }
    for (const double q : {0.0, 1.0, 50.0, 99.0, 100.0}) {
      TailPercentile tail(q, sample);
      tail.add(std::span(values).first(values.size() / 2));
      tail.add(std::span(values).subspan(values.size() / 2));
      std::vector<double> all = values;
      const auto value = tail.value();
      if (!value) continue;
      ++found;
      EXPECT_EQ(*value, percentile(all, q)) << "round " << round << ", q " << q;
    }
  }
  EXPECT_GT(found, 1000);
}

TEST(TwoPercentiles, AreExactWhereASampleMisleads) {
  std::vector<double> values(5000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i * 7919 % 5000);
  std::array samples{std::vector<double>(50, -1e9), std::vector<double>(50, 1e9)};
  int passes = 0;
  const auto found = two_percentiles({1, 99}, samples, [&](auto& tails) {
    ++passes;
    for (TailPercentile& tail : tails) tail.add(values);
  });
  EXPECT_EQ(passes, 2);
  EXPECT_EQ(found[0], percentile(values, 1));
  EXPECT_EQ(found[1], percentile(values, 99));
}

std::uint8_t level_of(double density) {
  return LevelOfDensity::instance().at(
      density, static_cast<std::int32_t>(density * LevelOfDensity::kStepsPerUnit));
}

TEST(LevelOfDensity, IsTheTruncatedExponential) {
  std::mt19937 random(2);
  std::uniform_real_distribution<double> density(0, LevelOfDensity::kBlack);
  for (int i = 0; i < 200'000; ++i) {
    const double d = density(random);
    ASSERT_EQ(level_of(d), static_cast<std::uint8_t>(255 * std::exp(-d))) << d;
  }
  EXPECT_EQ(level_of(LevelOfDensity::kBlack), 0);
  for (int level = 1; level < 256; ++level) {  // where the level changes, to the last bit
    const double edge = std::log(255.0 / level);
    for (const double d : {std::nextafter(edge, 0), edge, std::nextafter(edge, 6.0)}) {
      ASSERT_EQ(level_of(d), static_cast<std::uint8_t>(255 * std::exp(-d))) << level;
    }
  }
}

TEST(TwoStainLasso, MeetsTheConditionsOfAMinimum) {
  std::mt19937 random(3);
  std::uniform_real_distribution<double> density(0, 2);
  std::uniform_real_distribution<double> any(-2, 2);
  for (int round = 0; round < 2000; ++round) {
    StainMatrix m{};
    for (auto& row : m) {
      for (double& value : row) value = round % 3 == 0 ? any(random) : density(random);
    }
    m = unit(m);
    if (round % 10 == 0) m[1] = m[0];  // two stains that are one
    const double lambda = round % 2 == 0 ? kDictionaryLambda : kConcentrationLambda;
    const std::array<double, 3> x{density(random), density(random), density(random)};
    const auto a =
        TwoStainLasso(m, lambda).solve({all_lanes(x[0]), all_lanes(x[1]), all_lanes(x[2])});
    for (std::size_t j = 0; j < 2; ++j) {
      double slope = lambda;  // of the objective along stain j
      for (std::size_t c = 0; c < 3; ++c) {
        slope -= m[j][c] * (x[c] - a[0][0] * m[0][c] - a[1][0] * m[1][c]);
      }
      ASSERT_GE(a[j][0], 0);
      ASSERT_GE(slope, -1e-9) << "round " << round;
      if (a[j][0] > 0) {
        ASSERT_NEAR(slope, 0, 1e-9) << "round " << round;
      }
    }
  }
}

TEST(FitDictionary, EndsWhereNoSmallTurnIsBetter) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    const RgbImage picture = two_stain_picture(unit(kStains), seed);
    const OpticalDensities x = densities_of(picture.pixels);
    const StainMatrix start = unit({{{0.5, 0.6, 0.5}, {0.3, 0.8, 0.4}}});
    const DictionaryFit fit = fit_dictionary(x, start);
    const double reached = dictionary_objective(x, fit.matrix);
    EXPECT_LE(reached, dictionary_objective(x, start));
    for (std::size_t j = 0; j < 2; ++j) {
      for (std::size_t c = 0; c < 3; ++c) {
        for (const double step : {-0.01, 0.01}) {
          StainMatrix turned = fit.matrix;
          turned[j][c] = std::max(0.0, turned[j][c] + step);
          EXPECT_GE(dictionary_objective(x, unit(turned)), reached * (1 - 1e-5)) << seed;
        }
      }
    }
  }
}

TEST(Stain, APictureNormalisedToItselfStaysAsItIs) {
  for (const StainMethod method :
       {StainMethod::kReinhard, StainMethod::kMacenko, StainMethod::kVahadane}) {
    for (unsigned seed = 0; seed < 5; ++seed) {
      const RgbImage picture = two_stain_picture(unit(kStains), seed);
      const StainProfile own = measure_stain({&picture, 1}, method, unit(kStains));
      const RgbImage again = apply_stain(picture, own, own);
      int largest = 0;
      for (std::size_t i = 0; i < picture.pixels.size(); ++i) {
        largest = std::max(largest, std::abs(int{again.pixels[i]} - int{picture.pixels[i]}));
      }
      // Reinhard's way through 8-bit LAB and back is the coarser one.
      EXPECT_LE(largest, method == StainMethod::kReinhard ? 8 : 3) << to_string(method);
    }
  }
}

TEST(Stain, PixelsAreColouredOneByOneWhateverTheirNumber) {
  const RgbImage picture = two_stain_picture(unit(kStains), 3);
  const StainProfile own = measure_stain({&picture, 1}, StainMethod::kVahadane, unit(kStains));
  StainProfile darker = own;
  darker.max_concentrations = {9, 9};  // up to where all is black
  const RgbImage whole = apply_stain(picture, own, darker);
  EXPECT_NE(std::count(whole.pixels.begin(), whole.pixels.end(), 0), 0);
  for (const int count : {1, 2, 3, 5, 255, 256, 257, 1023}) {
    const auto bytes = 3 * static_cast<std::ptrdiff_t>(count);
    const RgbImage part{count, 1, {picture.pixels.begin(), picture.pixels.begin() + bytes}};
    const RgbImage coloured = apply_stain(part, own, darker);
    EXPECT_EQ(coloured.pixels,
              std::vector<std::uint8_t>(whole.pixels.begin(), whole.pixels.begin() + bytes));
  }
}

TEST(Stain, TwoStainingsOfOneTissueBecomeAlike) {
  const StainMatrix other = unit({{{0.55, 0.75, 0.35}, {0.15, 0.95, 0.30}}});
  const RgbImage here = two_stain_picture(unit(kStains), 7);
  const RgbImage there = two_stain_picture(other, 7);  // the same amounts in other colours
  const auto source = fit_stain({&there, 1}, StainMethod::kVahadane);
  const auto target = fit_stain({&here, 1}, StainMethod::kVahadane);
  ASSERT_TRUE(source && target);
  const auto distance = [&here](const RgbImage& picture) {
    double sum = 0;
    for (std::size_t i = 0; i < here.pixels.size(); ++i) {
      sum += std::abs(int{picture.pixels[i]} - int{here.pixels[i]});
    }
    return sum / static_cast<double>(here.pixels.size());
  };
  EXPECT_LT(distance(apply_stain(there, *source, *target)), distance(there) / 3);
}

TEST(Stain, FitsAreTheSameOnEveryRun) {
  const RgbImage picture = two_stain_picture(unit(kStains), 11, 256);
  const auto first = fit_stain({&picture, 1}, StainMethod::kVahadane);
  const auto second = fit_stain({&picture, 1}, StainMethod::kVahadane);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->matrix, second->matrix);
  EXPECT_EQ(first->max_concentrations, second->max_concentrations);
  EXPECT_GT(first->pixels, 20'000);  // so that pixels had to be sampled
}

TEST(Stain, RefusesPicturesWithoutTwoStains) {
  const RgbImage white = RgbImage::filled(32, 32, 250, 250, 250);
  const RgbImage violet = RgbImage::filled(32, 32, 120, 60, 140);
  for (const StainMethod method : {StainMethod::kMacenko, StainMethod::kVahadane}) {
    const auto nearly_empty = fit_stain({&white, 1}, method);
    ASSERT_FALSE(nearly_empty);
    EXPECT_EQ(nearly_empty.error().kind, ErrorKind::kFailedPrecondition);
    EXPECT_NE(nearly_empty.error().message.find("too little tissue"), std::string::npos);
    const auto single = fit_stain({&violet, 1}, method);
    ASSERT_FALSE(single);
    EXPECT_NE(single.error().message.find("cannot be told apart"), std::string::npos)
        << single.error().message;
  }
  EXPECT_FALSE(fit_stain({}, StainMethod::kReinhard));
}

RgbImage open_picture(const std::string& name) {
  const auto bytes = read_file(
      std::filesystem::path(CLIPPATH_SOURCE_DIR) / "tests/golden/stain/inputs" / name, 1 << 20);
  auto picture = decode_picture(bytes.value());
  return std::move(*picture);
}

// By their own stains they look like any other: two that lie well apart, and little beside them.
TEST(Stain, RefusesImmunohistochemistry) {
  for (const char* name : {"ihc.png", "ihc-edge.png"}) {
    const RgbImage picture = open_picture(name);
    for (const StainMethod method : kStainMethods) {
      const auto refused = fit_stain({&picture, 1}, method);
      ASSERT_FALSE(refused) << name;
      EXPECT_EQ(refused.error().kind, ErrorKind::kFailedPrecondition);
      EXPECT_NE(refused.error().message.find("not stained with haematoxylin and eosin"),
                std::string::npos)
          << refused.error().message;
    }
  }
}

TEST(Stain, ThoseOfASlideAreNotForEveryPictureOfIt) {
  const StainProfile slide =
      *fit_stain(std::vector{two_stain_picture(unit(kStains), 12)}, StainMethod::kVahadane);
  const StainProfile target = default_stain_target(StainMethod::kVahadane);
  EXPECT_FALSE(normalise_stain(open_picture("ihc.png"), target, &slide));
  EXPECT_FALSE(normalise_stain(RgbImage::filled(299, 299, 250, 250, 250), target, &slide));
  // One stain is no fault where the other pictures of the slide tell what both look like.
  EXPECT_TRUE(normalise_stain(RgbImage::filled(299, 299, 200, 120, 170), target, &slide));
}

// One picture for each level of red: all 16.8 million colours.
TEST(TissuePixels, AreThoseWhoseLightnessIsThatOfOpenCvForEveryColour) {
  RgbImage colours = RgbImage::filled(256, 256, 0, 0, 0);
  for (int red = 0; red < 256; ++red) {
    for (std::size_t i = 0; i < 65536; ++i) {
      colours.pixels[3 * i] = static_cast<std::uint8_t>(red);
      colours.pixels[3 * i + 1] = static_cast<std::uint8_t>(i / 256);
      colours.pixels[3 * i + 2] = static_cast<std::uint8_t>(i % 256);
    }
    const std::vector<std::uint8_t> lab = to_lab8(colours);
    std::vector<std::uint8_t> expected;
    for (std::size_t i = 0; i < lab.size(); i += 3) {
      if (lab[i] < 204) {
        expected.insert(expected.end(), &colours.pixels[i], &colours.pixels[i] + 3);
      }
    }
    ASSERT_EQ(tissue_pixels({&colours, 1}), expected) << "red " << red;
  }
}

TEST(TissuePixels, AreFoundInPicturesOfEverySize) {
  for (int width = 1; width < 50; ++width) {
    const RgbImage dark = RgbImage::filled(width, 1, 150, 60, 150);
    const std::array pictures{dark, RgbImage::filled(width, 1, 255, 255, 255), dark};
    std::vector<std::uint8_t> expected = dark.pixels;
    expected.insert(expected.end(), dark.pixels.begin(), dark.pixels.end());
    EXPECT_EQ(tissue_pixels(pictures), expected) << "width " << width;
  }
}

/// Of the tiles that have stains.
Result<StainProfile> slide_stain_of(const std::vector<RgbImage>& tiles) {
  std::vector<StainSample> samples;
  for (const RgbImage& tile : tiles) {
    auto sample = sample_stain(tile, StainMethod::kVahadane);
    if (sample) samples.push_back(std::move(*sample));
  }
  return slide_stain(std::move(samples));
}

TEST(SlideStain, OneOddTileChangesLittle) {
  std::vector<RgbImage> tiles;
  for (unsigned seed = 0; seed < 9; ++seed) {
    tiles.push_back(two_stain_picture(unit(kStains), seed));
  }
  const auto even = slide_stain_of(tiles);
  tiles.push_back(two_stain_picture(unit({{{0.2, 0.5, 0.9}, {0.1, 0.2, 0.9}}}), 1));
  tiles.push_back(RgbImage::filled(64, 64, 255, 255, 255));  // without stains: left out
  const auto odd = slide_stain_of(tiles);
  ASSERT_TRUE(even && odd);
  for (std::size_t j = 0; j < 2; ++j) {
    for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(odd->matrix[j][c], even->matrix[j][c], 0.02);
  }
  const std::vector<RgbImage> empty(3, RgbImage::filled(16, 16, 255, 255, 255));
  const auto none = slide_stain_of(empty);
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().message.find("no picture has usable stains"), std::string::npos);
}

TEST(StainProfile, IsTheSameAfterJson) {
  const RgbImage picture = two_stain_picture(unit(kStains), 5);
  for (const StainMethod method :
       {StainMethod::kReinhard, StainMethod::kMacenko, StainMethod::kVahadane}) {
    const auto profile = fit_stain({&picture, 1}, method);
    ASSERT_TRUE(profile) << profile.error().message;
    const auto read = parse_stain_profile(to_json_text(*profile));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(to_json_text(*read), to_json_text(*profile));
    EXPECT_EQ(apply_stain(picture, *read, *read), apply_stain(picture, *profile, *profile));
  }
}

TEST(StainProfile, NamesWhatIsWrong) {
  const struct {
    const char* json;
    const char* names;
  } cases[] = {
      {"", "byte"},
      {"[]", "object"},
      {R"({"method":"dino"})", "method"},
      {R"({"method":"vahadane"})", "matrix"},
      {R"({"method":"vahadane","matrix":[[1,0,0]],"max_concentrations":[1,1]})", "matrix"},
      {R"({"method":"vahadane","matrix":[[3,0,0],[0,1,0]],"max_concentrations":[1,1]})", "matrix"},
      {R"({"method":"vahadane","matrix":[[1,0,0],[0,1,"x"]],"max_concentrations":[1,1]})",
       "matrix"},
      {R"({"method":"macenko","matrix":[[1,0,0],[0,1,0]],"max_concentrations":[1]})",
       "max_concentrations"},
      {R"({"method":"macenko","matrix":[[1,0,0],[0,1,0]],"max_concentrations":[1,-1]})",
       "max_concentrations"},
      {R"({"method":"reinhard","lab_mean":[1,2,3]})", "lab_deviation"},
      {R"({"method":"reinhard","lab_mean":[1,2,3],"lab_deviation":[1,2,3],"more":1})", "more"},
  };
  for (const auto& one : cases) {
    const auto profile = parse_stain_profile(one.json);
    ASSERT_FALSE(profile) << one.json;
    EXPECT_EQ(profile.error().kind, ErrorKind::kInvalidArgument);
    EXPECT_NE(profile.error().message.find(one.names), std::string::npos)
        << profile.error().message;
  }
}

TEST(StainProfile, RefusesWhatNoFitEndsWith) {
  struct Case {
    const char* names;
    void (*spoil)(StainProfile&);
  };
  const auto expect_refused = [](StainMethod method, std::initializer_list<Case> cases) {
    for (const Case& one : cases) {
      StainProfile profile = default_stain_target(method);
      ASSERT_TRUE(parse_stain_profile(to_json_text(profile))) << to_string(method);
      one.spoil(profile);
      const auto read = parse_stain_profile(to_json_text(profile));
      ASSERT_FALSE(read) << to_json_text(profile);
      EXPECT_EQ(read.error().kind, ErrorKind::kInvalidArgument);
      EXPECT_EQ(read.error().field, one.names) << read.error().message;
      EXPECT_EQ(read.error().message.find(one.names), 0U) << read.error().message;
    }
  };
  for (const StainMethod method : {StainMethod::kMacenko, StainMethod::kVahadane}) {
    expect_refused(method,
                   {{"max_concentrations",
                     [](StainProfile& p) {
                       p.max_concentrations = {0, 0};
                     }},
                    {"max_concentrations", [](StainProfile& p) { p.max_concentrations[1] = 900; }},
                    {"matrix", [](StainProfile& p) { p.matrix[1] = p.matrix[0]; }},
                    {"matrix",
                     [](StainProfile& p) {
                       p.matrix[1] = {0.65, 0.7, 0.29}, p.matrix[0] = {0.66, 0.7, 0.28};
                     }},
                    {"matrix",
                     [](StainProfile& p) {
                       p.matrix = {{{1, 0, 0}, {0, 1, 0}}};
                     }},
                    {"matrix", [](StainProfile& p) {
                       for (double& v : p.matrix[0]) v = -v;
                     }}});
  }
  expect_refused(StainMethod::kVahadane, {{"matrix", [](StainProfile& p) {
                                             p.matrix[0] = {0.6, 0.8, -0.01};
                                           }}});
  expect_refused(StainMethod::kReinhard,
                 {{"lab_mean", [](StainProfile& p) { p.lab_mean[0] = 101; }},
                  {"lab_mean", [](StainProfile& p) { p.lab_mean[2] = -900; }},
                  {"lab_deviation", [](StainProfile& p) { p.lab_deviation[1] = 128; }}});
}

// The plane of its two directions can leave the positive octant a little.
TEST(StainProfile, OfMacenkoMayHaveANegativeNumber) {
  StainProfile profile = default_stain_target(StainMethod::kMacenko);
  profile.matrix[1] = unit({{{0.1, 0.99, -0.02}, {0.1, 0.99, -0.02}}})[0];
  const auto read = parse_stain_profile(to_json_text(profile));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->matrix, profile.matrix);
}

}  // namespace
}  // namespace clippath
