// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include "clippath/core/files.h"
#include "clippath/open_slide.h"
#include "clippath/tissue.h"
#include "tests/support/as_nobody.h"
#include "tests/support/temp_dir.h"

namespace clippath {
namespace {

namespace fs = std::filesystem;

const fs::path kSlides = fs::path(CLIPPATH_SOURCE_DIR) / "demo/slides";
const fs::path kBad = fs::path(CLIPPATH_SOURCE_DIR) / "tests/golden/slides_bad";

/// A copy of a slide in which some bytes in the middle, the pixels of a few tiles, are noise.
fs::path damaged_copy(const fs::path& slide, const test::TempDir& folder) {
  auto bytes = *read_file(slide, 1 << 26);
  const std::size_t begin = bytes.size() / 3;
  for (std::size_t i = begin; i < begin + 20000; ++i) {
    bytes[i] = static_cast<std::uint8_t>(i * 2654435761U >> 13U);
  }
  const fs::path path = folder.path() / slide.filename();
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  return path;
}

TEST(OpenSlide, DescribesAnAperioSlide) {
  const auto slide = open_slide(kSlides / "breast-ilc-HE-2048.svs");
  ASSERT_TRUE(slide) << slide.error().message;
  const SlideInfo& info = (*slide)->info();
  EXPECT_EQ(info.vendor, "aperio");
  EXPECT_EQ(info.bounds, (Level0Rect{0, 0, 2048, 2048}));
  ASSERT_EQ(info.levels.size(), 2U);
  EXPECT_DOUBLE_EQ(info.levels[1].downsample, 4);
  ASSERT_TRUE(info.scale);
  EXPECT_EQ(info.scale->source, MppSource::kSlideTag);
  EXPECT_GT(info.scale->mpp.value, 0.2);
  EXPECT_LT(info.scale->mpp.value, 0.6);
}

TEST(OpenSlide, FindsNoScaleWhereThereIsNone) {
  for (const char* name : {"celiac-HE-2048.tif", "tcga-cr-7395-01a-01-ts1.svs"}) {
    const auto slide = open_slide(kSlides / name);
    ASSERT_TRUE(slide);
    EXPECT_FALSE((*slide)->info().scale) << name;
    EXPECT_FALSE((*slide)->info().objective) << name;
  }
}

TEST(OpenSlide, RejectsAnEditorsResolution) {
  const auto slide = open_slide(kBad / "boxes.tiff");
  ASSERT_TRUE(slide) << slide.error().message;
  EXPECT_FALSE((*slide)->info().scale);
  EXPECT_FALSE((*slide)->info().warnings.empty());
}

TEST(OpenSlide, ReadsDicom) {
  const auto slide = open_slide(kBad / "boxes_0.dcm");
  ASSERT_TRUE(slide) << slide.error().message;
  EXPECT_EQ((*slide)->info().vendor, "dicom");
}

TEST(OpenSlide, ShowsBackgroundOutsideOfTheSlide) {
  const auto slide = open_slide(kSlides / "celiac-HE-2048.tif");
  const auto outside = (*slide)->read({5000, 5000}, 0, {8, 8});
  ASSERT_TRUE(outside);
  EXPECT_EQ(*outside, RgbImage::filled(8, 8, 255, 255, 255));
  const auto corner = (*slide)->read({2044, 2044}, 0, {8, 8});
  ASSERT_TRUE(corner);
  EXPECT_EQ(corner->row(7)[3 * 7], 255);
}

TEST(OpenSlide, ReadsACoarserLevelFromTheNearestOfItsPixels) {
  const auto slide = open_slide(kSlides / "breast-ilc-HE-2048.svs");
  const auto expected = (*slide)->read({400, 800}, 1, {64, 64});
  ASSERT_TRUE(expected);
  EXPECT_EQ(*(*slide)->read({401, 799}, 1, {64, 64}), *expected);
  EXPECT_NE(*(*slide)->read({404, 800}, 1, {64, 64}), *expected);
  EXPECT_NE(*(*slide)->read({401, 800}, 0, {64, 64}), *(*slide)->read({400, 800}, 0, {64, 64}));
}

TEST(OpenSlide, RefusesRegionsThatCannotBe) {
  const auto slide = open_slide(kSlides / "celiac-HE-2048.tif");
  for (const auto& [level, size] :
       {std::pair(2, PixelSize{8, 8}), std::pair(-1, PixelSize{8, 8}),
        std::pair(0, PixelSize{0, 8}), std::pair(0, PixelSize{8, 8193})}) {
    EXPECT_EQ((*slide)->read({0, 0}, level, size).error().kind, ErrorKind::kInvalidArgument);
  }
}

TEST(OpenSlide, TellsWhyAFileIsNoSlide) {
  EXPECT_EQ(open_slide(kBad / "absent.svs").error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(open_slide(kBad / "broken.svs").error().kind, ErrorKind::kUnsupported);
  EXPECT_EQ(open_slide(kBad / "PROVENANCE.txt").error().kind, ErrorKind::kUnsupported);
  EXPECT_EQ(open_slide(kBad).error().kind, ErrorKind::kUnsupported);
}

TEST(OpenSlide, TellsThatAFileMayNotBeRead) {
  const test::TempDir folder;
  const fs::path path = folder.path() / "closed.svs";
  fs::copy_file(kSlides / "breast-ilc-HE-2048.svs", path);
  fs::permissions(folder.path(), fs::perms(0755));
  fs::permissions(path, fs::perms::none);
  const test::AsNobody nobody;
  const auto slide = open_slide(path);
  ASSERT_FALSE(slide);
  EXPECT_NE(slide.error().message.find("Permission denied"), std::string::npos)
      << slide.error().message;
}

TEST(OpenSlide, FailsEachReadOfASlideWithoutReadablePixels) {
  const auto slide = open_slide(kBad / "unreadable.svs");
  ASSERT_TRUE(slide) << slide.error().message;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ((*slide)->read({0, 0}, 0, {64, 64}).error().kind, ErrorKind::kCorruption);
  }
  EXPECT_EQ(make_tissue_mask(**slide, std::nullopt, {}).error().kind, ErrorKind::kCorruption);
}

TEST(OpenSlide, OneBadTileLeavesTheOthersReadable) {
  const test::TempDir folder;
  const fs::path original = kSlides / "breast-ilc-HE-2048.svs";
  const auto whole = open_slide(original);
  const auto damaged = open_slide(damaged_copy(original, folder));
  ASSERT_TRUE(damaged) << damaged.error().message;
  int failed = 0;
  int equal = 0;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 64; ++i) {
      const Level0Point origin{i % 8 * 256, i / 8 * 256};
      const auto tile = (*damaged)->read(origin, 0, {256, 256});
      if (!tile) {
        EXPECT_EQ(tile.error().kind, ErrorKind::kCorruption);
        ++failed;
      } else if (*tile == *(*whole)->read(origin, 0, {256, 256})) {
        ++equal;
      }
    }
  }
  EXPECT_GE(failed, 2);
  EXPECT_GE(equal, 2 * 56);
}

TEST(OpenSlide, BlamesNoGoodTileForABadNeighbourReadAtTheSameTime) {
  const test::TempDir folder;
  const auto slide = *open_slide(damaged_copy(kSlides / "breast-ilc-HE-2048.svs", folder));
  std::vector<int> fails_alone(64);
  const auto read = [&slide](int i) {
    return slide->read({i % 8 * 256, i / 8 * 256}, 0, {256, 256}).has_value() ? 0 : 1;
  };
  for (int i = 0; i < 64; ++i) fails_alone[static_cast<std::size_t>(i)] = read(i);

  std::vector<int> fails_together(64);
  std::atomic<int> next = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = next++; i < 64; i = next++)
        fails_together[static_cast<std::size_t>(i)] = read(i);
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(fails_together, fails_alone);
}

}  // namespace
}  // namespace clippath
