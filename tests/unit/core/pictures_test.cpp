// SPDX-License-Identifier: Apache-2.0
#include "clippath/core/pictures.h"

#include <gtest/gtest.h>

#include "tests/support/noise.h"

namespace clippath {
namespace {

using test::noise;

TEST(Png, RoundTripIsLossless) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    const RgbImage image =
        noise(1 + static_cast<int>(seed * 7 % 50), 1 + static_cast<int>(seed * 13 % 60), seed);
    EXPECT_EQ(decode_picture(encode_png(image)).value(), image);
  }
}

TEST(Jpeg, RoundTripKeepsFlatColours) {
  const RgbImage image = RgbImage::filled(40, 30, 200, 100, 150);
  const RgbImage decoded = decode_picture(encode_jpeg(image, 95)).value();
  ASSERT_EQ(decoded.pixels.size(), image.pixels.size());
  for (std::size_t i = 0; i < image.pixels.size(); ++i)
    EXPECT_NEAR(decoded.pixels[i], image.pixels[i], 3);
}

TEST(ReadPictureHeader, AgreesWithTheDecoder) {
  const auto header = read_picture_header(encode_jpeg(noise(33, 21, 1))).value();
  EXPECT_EQ(header.width, 33);
  EXPECT_EQ(header.height, 21);
}

TEST(DecodePicture, RefusesByTheHeaderBeforeDecoding) {
  auto png = encode_png(noise(2, 2, 1));
  for (const std::size_t at : {18U, 22U})
    png[at] = 0x4E;  // 20,000-odd pixels a side, with a wrong CRC that nobody gets to
  const auto decoded = decode_picture(png);
  ASSERT_FALSE(decoded.has_value());
  EXPECT_EQ(decoded.error().kind, ErrorKind::kTooLarge);
  EXPECT_NE(decoded.error().message.find("4096 x 4096"), std::string::npos);
}

TEST(DecodePicture, RefusesOtherFormats) {
  for (const std::string text : {"", "GIF89a", "%PDF-1.7", "II*\0", "<svg/>"}) {
    const std::vector<std::uint8_t> bytes(text.begin(), text.end());
    EXPECT_EQ(decode_picture(bytes).error().kind, ErrorKind::kUnsupported) << text;
  }
}

TEST(DecodePicture, FailsOnEveryCutPngAndNeverCrashesOnDamage) {
  const auto png = encode_png(noise(24, 24, 3));
  for (std::size_t size = 0; size + 32 < png.size(); size += 7) {
    EXPECT_FALSE(decode_picture(std::span(png).first(size)).has_value()) << size;
  }
  const auto jpeg = encode_jpeg(noise(24, 24, 3));
  std::mt19937 random(5);
  for (int i = 0; i < 2000; ++i) {
    auto broken = i % 2 == 0 ? png : jpeg;
    for (int flips = 0; flips < 3; ++flips)
      broken[random() % broken.size()] = static_cast<std::uint8_t>(random());
    const auto decoded = decode_picture(broken);
    if (decoded) {
      EXPECT_EQ(decoded->pixels.size(), decoded->size_bytes());
    }
  }
}

TEST(ContactSheet, PlacesEachPictureInItsCell) {
  const RgbImage red = RgbImage::filled(448, 224, 255, 0, 0);
  const RgbImage sheet =
      make_contact_sheet({{red, {"caption \xC2\xB5m"}}, {red, {}}, {red, {}}}, 2, 64);
  EXPECT_EQ(sheet.width, 2 * 72 + 8);
  const auto pixel = [&](int x, int y) {
    return std::vector<std::uint8_t>(sheet.row(y) + x * 3, sheet.row(y) + x * 3 + 3);
  };
  EXPECT_EQ(pixel(8 + 32, 8 + 32), (std::vector<std::uint8_t>{255, 0, 0}));
  EXPECT_EQ(
      pixel(8 + 32, 8 + 2),
      (std::vector<std::uint8_t>{255, 255, 255}));  // twice as wide as high: bars above and below
}

TEST(DrawOutline, StaysInsideThePicture) {
  RgbImage image = RgbImage::filled(20, 20, 0, 0, 0);
  draw_outline(image, {-5, -5, 15, 15}, {0, 255, 0}, 1);
  EXPECT_EQ(image.row(3)[9 * 3 + 1], 255);
  EXPECT_EQ(image.row(3)[8 * 3 + 1], 0);
}

}  // namespace
}  // namespace clippath
