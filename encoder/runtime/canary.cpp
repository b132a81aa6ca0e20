// SPDX-License-Identifier: Apache-2.0
#include "encoder/runtime/canary.h"

#include <array>
#include <cstdint>
#include <random>

namespace clippath {
namespace {

constexpr int kPictures = 6;
constexpr int kWidth = 320;
constexpr int kHeight = 240;
constexpr int kBlock = 16;

using Colour = std::array<std::uint8_t, 3>;

// Whole numbers of the engine alone: distributions differ between libraries.
std::uint8_t next_byte(std::mt19937& engine) { return static_cast<std::uint8_t>(engine() >> 24U); }

Colour next_colour(std::mt19937& engine) {
  return {next_byte(engine), next_byte(engine), next_byte(engine)};
}

RgbImage picture_of(std::uint32_t seed) {
  std::mt19937 engine(seed);
  const std::array<Colour, 2> colours = {next_colour(engine), next_colour(engine)};
  std::array<std::size_t, (kWidth / kBlock) * (kHeight / kBlock)> blocks{};
  for (std::size_t& block : blocks) block = next_byte(engine) % 2;
  RgbImage image = RgbImage::filled(kWidth, kHeight, 0, 0, 0);
  std::uint8_t* value = image.pixels.data();
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      const auto block = static_cast<std::size_t>(y / kBlock * (kWidth / kBlock) + x / kBlock);
      for (const std::uint8_t channel : colours[blocks[block]]) {
        const int noise = next_byte(engine) / 8;
        *value++ = static_cast<std::uint8_t>((channel * 7 + noise * 8) / 8);
      }
    }
  }
  return image;
}

}  // namespace

std::vector<RgbImage> canary_pictures() {
  std::vector<RgbImage> pictures;
  for (std::uint32_t seed = 1; seed <= kPictures; ++seed) pictures.push_back(picture_of(seed));
  return pictures;
}

std::vector<std::string> canary_texts() {
  std::string longest = "sections show";
  for (int i = 0; i < 400; ++i) longest += " fibrous tissue with chronic inflammation,";
  return {"carcinoma",
          "invasive lobular carcinoma of the breast, grade 2",
          "normal mucosa of the colon",
          "signet ring cells in the stomach",
          "no evidence of malignancy",
          longest};
}

Result<CanaryVectors> encode_canary(const LocalEncoder& encoder) {
  CanaryVectors vectors;
  if (encoder.info().has_images) {
    CLIPPATH_TRY(vectors.images, encoder.encode_images(canary_pictures()));
  }
  if (encoder.info().has_texts) {
    CLIPPATH_TRY(vectors.texts, encoder.encode_texts(canary_texts()));
  }
  return vectors;
}

TowerAgreement agreement_of(const CanaryVectors& a, const CanaryVectors& b) {
  TowerAgreement agreement;
  if (a.images) agreement.images = agreement_of(*a.images, *b.images);
  if (a.texts) agreement.texts = agreement_of(*a.texts, *b.texts);
  return agreement;
}

}  // namespace clippath
