// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "clippath/core/digest.h"
#include "clippath/core/pictures.h"
#include "clippath/stain.h"
#include "indexer/stain/concentrations.h"
#include "indexer/stain/dictionary.h"
#include "indexer/stain/percentile.h"
#include "indexer/stain/tissue_pixels.h"
#include "tests/support/golden_files.h"

namespace clippath {
namespace {

const std::filesystem::path kFolder = test::golden_dir() / "stain";

RgbImage open_picture(const std::string& file) {
  const auto bytes = read_file(kFolder / file, 1 << 20);
  if (!bytes) throw std::runtime_error(bytes.error().message);
  return *decode_picture(*bytes);
}

StainMatrix matrix_of(const Json& rows) {
  return {rows[0].get<std::array<double, 3>>(), rows[1].get<std::array<double, 3>>()};
}

void expect_matrix(const StainMatrix& got, const StainMatrix& expected, double tolerance) {
  for (std::size_t j = 0; j < 2; ++j) {
    for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(got[j][c], expected[j][c], tolerance);
  }
}

void expect_maxima(const StainAmounts& got, const Json& expected) {
  for (std::size_t j = 0; j < 2; ++j) {
    const double value = expected[j].get<double>();
    EXPECT_NEAR(got[j], value, 1e-6 * value);
  }
}

/// At most `levels` away anywhere, and another byte in at most this share of the bytes.
void expect_picture(const RgbImage& got, const StoredTensor& expected, int levels, double share) {
  ASSERT_EQ(got.pixels.size(), expected.bytes.size());
  std::size_t different = 0;
  int largest = 0;
  for (std::size_t i = 0; i < got.pixels.size(); ++i) {
    const int away = std::abs(int{got.pixels[i]} - int{expected.bytes[i]});
    different += away > 0 ? 1 : 0;
    largest = std::max(largest, away);
  }
  EXPECT_LE(largest, levels);
  EXPECT_LE(static_cast<double>(different), share * static_cast<double>(got.pixels.size()));
}

class StainGolden : public testing::TestWithParam<int> {
 protected:
  [[nodiscard]] const StoredTensor& output(const std::string& what) const {
    return *outputs_.find("tile" + std::to_string(GetParam()) + "." + what);
  }

  Json all_ = test::read_json(kFolder / "stain.json");
  WeightsFile outputs_ = test::open_golden(kFolder / "outputs.safetensors");
  const Json& tile_ = all_["tiles"][static_cast<std::size_t>(GetParam())];
  const Json& target_ = all_["target"];
  RgbImage picture_ = open_picture(tile_["file"].get<std::string>());
  RgbImage target_picture_ = open_picture("inputs/target.png");
};

TEST_P(StainGolden, MacenkoIsStainTools) {
  const auto source = fit_stain({&picture_, 1}, StainMethod::kMacenko);
  ASSERT_TRUE(source) << source.error().message;
  EXPECT_EQ(source->pixels, tile_["tissue_pixels"].get<std::int64_t>());
  expect_matrix(source->matrix, matrix_of(tile_["staintools_macenko"]["matrix"]), 1e-6);
  expect_maxima(source->max_concentrations, tile_["staintools_macenko"]["maxC_lambda_0.01"]);
  const auto target = fit_stain({&target_picture_, 1}, StainMethod::kMacenko);
  ASSERT_TRUE(target) << target.error().message;
  expect_picture(apply_stain(picture_, *source, *target), output("staintools_macenko_to_target"), 1,
                 0.001);
}

TEST_P(StainGolden, ReinhardIsOpenCvAndNumpy) {
  const auto source = fit_stain({&picture_, 1}, StainMethod::kReinhard);
  const auto target = fit_stain({&target_picture_, 1}, StainMethod::kReinhard);
  ASSERT_TRUE(source && target);
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_NEAR(source->lab_mean[c], tile_["reinhard"]["means"][c].get<double>(), 1e-4);
    EXPECT_NEAR(source->lab_deviation[c], tile_["reinhard"]["stds"][c].get<double>(), 1e-4);
  }
  expect_picture(apply_stain(picture_, *source, *target), output("reinhard_to_target"), 3, 0.001);
}

TEST_P(StainGolden, LabIsThatOfOpenCvToTheByte) {
  Sha256 sha256;
  sha256.update(to_lab8(picture_));
  EXPECT_EQ(to_hex(sha256.finish()), tile_["sha256_of_opencv_lab_u8"].get<std::string>());
}

TEST_P(StainGolden, PercentilesAreThoseOfNumpy) {
  const std::vector<std::uint8_t> lab = to_lab8(picture_);
  std::vector<double> lightness;
  for (std::size_t i = 0; i < lab.size(); i += 3) lightness.push_back(lab[i]);
  EXPECT_NEAR(percentile(lightness, 95), tile_["luminosity"]["percentile_95_of_L"].get<double>(),
              1e-9);
}

TEST_P(StainGolden, ConcentrationsAreTheExactLasso) {
  const StainMatrix matrix = matrix_of(tile_["vahadane_given"]["matrix"]);
  const auto pixels = test::values<std::int32_t>(output("pixel_index"));
  const auto strong = test::values<double>(output("concentrations_lambda_0.1"));
  const auto weak = test::values<float>(output("concentrations_lambda_0.01"));
  const StainAmountsOfPixels strong_of(matrix, kDictionaryLambda);
  const StainAmountsOfPixels weak_of(matrix, kConcentrationLambda);
  PairBlock got_strong{};
  PairBlock got_weak{};
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const auto pixel = static_cast<std::size_t>(pixels[i]);
    // Whole blocks but for the end of the picture: lanes beside the wanted one are at work, too.
    const std::size_t first = pixel / kBlockPixels * kBlockPixels;
    const auto all = std::span<const std::uint8_t>(picture_.pixels).subspan(3 * first);
    const auto block = all.first(std::min(all.size(), 3 * kBlockPixels));
    strong_of(block, got_strong);
    weak_of(block, got_weak);
    for (std::size_t j = 0; j < 2; ++j) {
      ASSERT_NEAR(got_strong[j][pixel - first], strong[2 * i + j], 1e-9) << "pixel " << pixel;
      ASSERT_NEAR(got_weak[j][pixel - first], double{weak[2 * i + j]}, 1e-5) << "pixel " << pixel;
    }
  }
}

TEST_P(StainGolden, VahadaneWithGivenMatricesIsStainTools) {
  const auto given = [](const RgbImage& picture, const Json& json) {
    return measure_stain({&picture, 1}, StainMethod::kVahadane, matrix_of(json["matrix"]));
  };
  const StainProfile source = given(picture_, tile_["vahadane_given"]);
  const StainProfile target = given(target_picture_, target_["vahadane_given"]);
  expect_maxima(source.max_concentrations, tile_["vahadane_given"]["maxC_lambda_0.01"]);
  expect_maxima(target.max_concentrations, target_["vahadane_given"]["maxC_lambda_0.01"]);
  expect_picture(apply_stain(picture_, source, target), output("vahadane_given_to_target"), 1,
                 0.001);
}

INSTANTIATE_TEST_SUITE_P(Tiles, StainGolden, testing::Range(0, 8));

class Dictionary : public testing::TestWithParam<int> {
 protected:
  [[nodiscard]] OpticalDensities densities() const {
    return densities_of(outputs_.find("dictionary_rgb_" + std::to_string(GetParam()))->bytes);
  }

  Json all_ = test::read_json(kFolder / "stain.json");
  WeightsFile outputs_ = test::open_golden(kFolder / "outputs.safetensors");
  const Json& expected_ = all_["dictionary"][static_cast<std::size_t>(GetParam())];
};

TEST_P(Dictionary, ObjectiveIsThatOfTheReference) {
  const double best = expected_["best_objective"].get<double>();
  EXPECT_NEAR(dictionary_objective(densities(), matrix_of(expected_["best_matrix_H_first"])), best,
              1e-9 * best);
}

TEST_P(Dictionary, NoFitOfTheReferencesIsBetter) {
  const OpticalDensities x = densities();
  const StainMatrix start{{{0.65, 0.70, 0.29}, {0.07, 0.99, 0.11}}};
  const DictionaryFit fit = fit_dictionary(x, start);
  const double best = expected_["best_objective"].get<double>();
  RecordProperty("relative_to_best", std::to_string(fit.objective / best - 1));
  EXPECT_LE(fit.objective, best * (1 + 1e-5)) << fit.iterations << " sweeps";
  EXPECT_LE(dictionary_objective(x, fit.matrix), best * (1 + 1e-5));
  EXPECT_LT(fit.iterations, 500);
}

INSTANTIATE_TEST_SUITE_P(Samples, Dictionary, testing::Range(0, 2));

}  // namespace
}  // namespace clippath
