// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "clippath/core/files.h"
#include "clippath/core/pictures.h"
#include "clippath/quality.h"
#include "clippath/tissue.h"
#include "tests/support/drawn_tile.h"

namespace clippath {
namespace {

namespace fs = std::filesystem;
using Random = std::mt19937;

struct Patch {
  std::string slide;
  RgbImage picture;
};

/// The demo's real patches, in order of their paths.
const std::vector<Patch>& patches() {
  static const std::vector<Patch> all = [] {
    std::vector<fs::path> files;
    for (const auto& entry :
         fs::recursive_directory_iterator(fs::path(CLIPPATH_SOURCE_DIR) / "demo/patches")) {
      if (entry.path().extension() == ".jpg") files.push_back(entry.path());
    }
    std::ranges::sort(files);
    std::vector<Patch> read;
    for (const fs::path& file : files) {
      const auto bytes = read_file(file, 1 << 22);
      auto picture = bytes ? decode_picture(*bytes) : fail(bytes.error());
      EXPECT_TRUE(picture) << file;
      if (picture) read.push_back({file.parent_path().filename(), std::move(*picture)});
    }
    return read;
  }();
  return all;
}

int between(int low, int high, Random& random) {
  return std::uniform_int_distribution<int>(low, high)(random);
}

/// One straight stroke of a felt pen on the cover glass: the tissue shows through a little.
RgbImage with_stroke(RgbImage picture, std::array<int, 3> ink, Random& random) {
  const double angle = std::uniform_real_distribution<double>(0, 3.14159)(random);
  const double width = between(16, 50, random);
  const int through_x = between(picture.width / 4, picture.width * 3 / 4, random);
  const int through_y = between(picture.height / 4, picture.height * 3 / 4, random);
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      const double off = (x - through_x) * std::sin(angle) - (y - through_y) * std::cos(angle);
      if (std::abs(off) > width / 2) continue;
      std::uint8_t* const pixel =
          picture.pixels.data() + (static_cast<std::size_t>(y) * picture.width + x) * 3;
      for (std::size_t c = 0; c < 3; ++c) {
        pixel[c] = static_cast<std::uint8_t>(std::lround(0.15 * pixel[c] + 0.85 * ink[c]));
      }
    }
  }
  return picture;
}

RgbImage with_black_edge(RgbImage picture, Random& random) {
  const auto black = static_cast<std::uint8_t>(between(0, 20, random));
  test::fill(picture, 0, 0, picture.width, picture.height / between(2, 8, random),
             {black, black, black});
  return picture;
}

RgbImage constant(const RgbImage& picture, Random& random) {
  const auto level = static_cast<std::uint8_t>(between(0, 1, random) * between(225, 255, random));
  return RgbImage::filled(picture.width, picture.height, level, level, level);
}

struct Fault {
  const char* name;
  QualityRules rule;  ///< alone, so that no other rule hides a miss
  std::function<RgbImage(const RgbImage&, Random&)> damage;
};

const Fault kFaults[] = {
    {"blur",
     {.blur = true},
     [](const RgbImage& picture, Random&) { return test::blurred(picture, 3); }},
    {"red pen",
     {.pen = true},
     [](const RgbImage& picture, Random& random) {
       return with_stroke(
           picture, {between(170, 240, random), between(10, 60, random), between(20, 70, random)},
           random);
     }},
    {"green pen",
     {.pen = true},
     [](const RgbImage& picture, Random& random) {
       return with_stroke(
           picture, {between(0, 70, random), between(110, 180, random), between(60, 110, random)},
           random);
     }},
    {"black edge", {.black = true}, with_black_edge},
    {"blank", {.blank = true}, constant},
};

// The bars of docs/tissue.md; scripts/bench/tissue_quality.sh measures them on any folder.
TEST(QualityOfRealPatches, FindsEachFaultInNineteenOfTwenty) {
  ASSERT_EQ(patches().size(), 200U);
  for (const Fault& fault : kFaults) {
    Random random(7);
    int found = 0;
    for (const Patch& patch : patches()) {
      found += find_fault(fault.damage(patch.picture, random), fault.rule).has_value() ? 1 : 0;
    }
    EXPECT_GE(found, 190) << fault.name;
  }
}

TEST(QualityOfRealPatches, DropsAtMostOneInFiftyThatIsSound) {
  const auto lost = std::ranges::count_if(patches(), [](const Patch& patch) {
    return find_fault(patch.picture, kAllQualityRules).has_value();
  });
  EXPECT_LE(lost, 4);
}

TEST(QualityOfRealPatches, PaleKeepsFatBreastAndLung) {
  const TissueRule pale = tissue_rule(TissuePreset::kPale);
  int judged = 0;
  int kept = 0;
  for (const Patch& patch : patches()) {
    if (!patch.slide.starts_with("fat-necrosis") && !patch.slide.starts_with("breast") &&
        !patch.slide.starts_with("lung")) {
      continue;
    }
    ++judged;
    const bool passes = !judge_tile(patch.picture, 1, pale).dropped;
    kept += passes && looks_like_tissue(patch.picture, pale) ? 1 : 0;
  }
  EXPECT_GE(judged, 10);
  EXPECT_GE(kept, std::lround(std::ceil(0.98 * judged)));
}

}  // namespace
}  // namespace clippath
