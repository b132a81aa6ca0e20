// SPDX-License-Identifier: Apache-2.0
// What the three kinds of folders say of pictures.
#include <cmath>

#include "clippath/core/check.h"
#include "clippath/preprocess.h"
#include "tests/fuzz/sections.h"

namespace clippath::fuzz {
namespace {

constexpr int kMostSide = 4096;
constexpr int kQuickSide = 64;  // larger pictures would be all that the fuzzer does

void check_preprocessing(const Preprocessing& preprocessing) {
  const int width = preprocessing.input_width();
  const int height = preprocessing.input_height();
  CLIPPATH_CHECK(width >= 1 && width <= kMostSide && height >= 1 && height <= kMostSide);
  const bool by_shortest = preprocessing.shortest_edge > 0;
  const int resized_width = by_shortest ? preprocessing.shortest_edge : preprocessing.exact_width;
  const int resized_height = by_shortest ? preprocessing.shortest_edge : preprocessing.exact_height;
  CLIPPATH_CHECK(resized_width >= width && resized_width <= kMostSide);
  CLIPPATH_CHECK(resized_height >= height && resized_height <= kMostSide);
  for (const auto& channel : preprocessing.lookup_table()) {
    for (float value : channel) CLIPPATH_CHECK(std::isfinite(value));
  }
  if (resized_width > kQuickSide || resized_height > kQuickSide) return;
  for (const auto& [picture_width, picture_height] : {std::pair{3, 2}, std::pair{1, 70}}) {
    const RgbImage fitted =
        preprocessing.fit(RgbImage::filled(picture_width, picture_height, 1, 2, 3));
    CLIPPATH_CHECK(fitted.width == width && fitted.height == height);
    CLIPPATH_CHECK(fitted.pixels.size() == fitted.size_bytes());
  }
}

}  // namespace
}  // namespace clippath::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace clippath;
  static const fuzz::SectionsFolder folder;
  folder.write(fuzz::sections_of(fuzz::text_of(data, size)),
               {"config.json", "open_clip_config.json", "preprocessor_config.json"});
  const auto preprocessing = load_preprocessing(folder.path());
  if (preprocessing) {
    fuzz::check_preprocessing(*preprocessing);
  } else {
    CLIPPATH_CHECK(!preprocessing.error().message.empty());
  }
  return 0;
}
