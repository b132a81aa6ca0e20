// SPDX-License-Identifier: Apache-2.0
#include "indexer/slide/openslide/premultiplied.h"

#include <gtest/gtest.h>

namespace clippath {
namespace {

TEST(OverBackground, ShowsTheBackgroundThroughClearPixels) {
  const std::vector<std::uint32_t> argb = {0xFF102030, 0x00000000, 0x80402010};
  const RgbImage image = over_background(argb, 3, 1, {255, 200, 100});
  const std::vector<std::uint8_t> expected = {
      0x10,     0x20,     0x30,      // opaque: as it is
      255,      200,      100,       // clear: background, never black
      64 + 127, 32 + 100, 16 + 50};  // half clear: colour is premultiplied already
  EXPECT_EQ(image.pixels, expected);
}

TEST(OverBackground, NeverWrapsAround) {
  // A colour above its alpha is no valid premultiplied pixel, but files hold such.
  EXPECT_EQ(over_background(std::vector<std::uint32_t>{0x10FFFFFF}, 1, 1, {255, 255, 255}).pixels,
            (std::vector<std::uint8_t>{255, 255, 255}));
}

}  // namespace
}  // namespace clippath
