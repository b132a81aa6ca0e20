// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "clippath/core/digest.h"
#include "clippath/core/pictures.h"
#include "clippath/preprocess.h"
#include "tests/support/golden_files.h"

namespace clippath {
namespace {

const std::filesystem::path kFolder = test::golden_dir() / "preprocess";

Preprocessing clip() {
  Preprocessing preprocessing;
  preprocessing.mean = {0.48145466, 0.4578275, 0.40821073};
  preprocessing.std = {0.26862954, 0.26130258, 0.27577711};
  return preprocessing;
}

std::string hex_digest(const RgbImage& image) {
  Sha256 sha;
  sha.update(std::span<const std::uint8_t>(image.pixels));
  return to_hex(sha.finish());
}

/// A difference of decoders must show before the resize is blamed.
RgbImage decode(const Json& item) {
  const auto bytes = read_file(kFolder / item["file"].get<std::string>(), 16U << 20U);
  if (!bytes) throw std::runtime_error(bytes.error().message);
  auto image = decode_picture(*bytes);
  if (!image) throw std::runtime_error(image.error().message);
  EXPECT_EQ(hex_digest(*image), item["sha256_of_decoded_rgb"].get<std::string>()) << item["file"];
  return std::move(*image);
}

void expect_pixels(const RgbImage& image, const StoredTensor* expected, const std::string& what) {
  ASSERT_NE(expected, nullptr) << what;
  ASSERT_EQ(expected->shape, (TensorShape{image.height, image.width, 3})) << what;
  EXPECT_EQ(image.pixels, test::values<std::uint8_t>(*expected)) << what;
}

TEST(PreprocessGolden, FitsEveryCropByteForByte) {
  const Json inputs = test::read_json(kFolder / "inputs.json");
  const WeightsFile outputs = test::open_golden(kFolder / "outputs.safetensors");
  std::size_t index = 0;
  for (const Json& item : inputs["crops"]) {
    const std::string number = std::to_string(index / 10) + std::to_string(index % 10);
    const std::string name = "crop" + number + ".clip_u8";
    expect_pixels(clip().fit(decode(item)), outputs.find(name), name);
    ++index;
  }
  EXPECT_EQ(index, 12U);
}

TEST(PreprocessGolden, CropsAsTorchvisionWhereThatDiffers) {
  const Json inputs = test::read_json(kFolder / "inputs.json");
  Preprocessing torchvision = clip();
  torchvision.crop_rule = CropRule::kHalfToEven;
  int different = 0;
  for (const Json& item : inputs["crops"]) {
    const bool differs = item.contains("sha256_of_clip_u8_torchvision");
    const char* key = differs ? "sha256_of_clip_u8_torchvision" : "sha256_of_clip_u8";
    EXPECT_EQ(hex_digest(torchvision.fit(decode(item))), item[key].get<std::string>())
        << item["file"];
    different += differs ? 1 : 0;
  }
  EXPECT_EQ(different, 2);
}

TEST(PreprocessGolden, ResamplesEveryRegionByteForByte) {
  const Json inputs = test::read_json(kFolder / "inputs.json");
  const WeightsFile outputs = test::open_golden(kFolder / "outputs.safetensors");
  std::size_t compared = 0;
  for (const Json& item : inputs["regions"]) {
    const RgbImage region = decode(item);
    const auto stem = std::filesystem::path(item["file"].get<std::string>()).stem().string() + ".";
    for (const auto& [name, filter] : {std::pair{"bilinear_299", ResampleFilter::kBilinear},
                                       std::pair{"bicubic_299", ResampleFilter::kBicubic},
                                       std::pair{"lanczos_299", ResampleFilter::kLanczos}}) {
      expect_pixels(resample(region, 299, 299, filter), outputs.find(stem + name), stem + name);
      ++compared;
    }
  }
  EXPECT_EQ(compared, 6U);
}

TEST(PreprocessGolden, LookupTableIsExact) {
  const WeightsFile outputs = test::open_golden(kFolder / "outputs.safetensors");
  const auto expected = test::values<float>(*outputs.find("lut_float32"));
  const auto table = clip().lookup_table();
  for (std::size_t channel = 0; channel < 3; ++channel) {
    for (std::size_t value = 0; value < 256; ++value) {
      EXPECT_EQ(table[channel][value], expected[channel * 256 + value]) << channel << " " << value;
    }
  }
}

}  // namespace
}  // namespace clippath
