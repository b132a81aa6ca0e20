// SPDX-License-Identifier: Apache-2.0
#include "clippath/decode_workers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <future>
#include <vector>

#include "clippath/core/files.h"
#include "clippath/open_slide.h"
#include "tests/support/temp_dir.h"

namespace clippath {
namespace {

namespace fs = std::filesystem;

const fs::path kSlides = fs::path(CLIPPATH_SOURCE_DIR) / "demo/slides";

std::shared_ptr<const DecodeWorkers> workers(int lanes = 2) {
  return DecodeWorkers::make(CLIPPATH_WORKER_PROGRAM, lanes).value();
}

TEST(DecodeWorkers, ReadWhatOpenSlideReads) {
  const fs::path file = kSlides / "breast-ilc-HE-2048.svs";
  const auto inside = open_slide(file).value();
  const auto outside = workers()->open_slide(file);
  ASSERT_TRUE(outside) << outside.error().message;
  EXPECT_EQ((*outside)->info().levels.size(), inside->info().levels.size());
  EXPECT_EQ((*outside)->info().scale->mpp, inside->info().scale->mpp);
  for (const std::int64_t x : {0, 512, 1900}) {
    EXPECT_EQ((*outside)->read({x, 100}, 0, {300, 200}).value(),
              inside->read({x, 100}, 0, {300, 200}).value());
  }
}

// The lanes' shared memory alone takes 12 GiB of addresses.
TEST(DecodeWorkers, ReadASlideInAsManyLanesAsThereMayBe) {
  constexpr int kMostLanes = 64;
  const auto slide = workers(kMostLanes)->open_slide(kSlides / "breast-ilc-HE-2048.svs");
  ASSERT_TRUE(slide) << slide.error().message;
  std::vector<std::future<Result<RgbImage>>> reads;
  for (int i = 0; i < 4 * kMostLanes; ++i) {
    reads.push_back(std::async(std::launch::async, [&slide, i] {
      return (*slide)->read({i % 16 * 128, i / 16 * 128}, 0, {256, 256});
    }));
  }
  for (auto& read : reads) {
    const auto region = read.get();
    EXPECT_TRUE(region) << region.error().message;
  }
}

// Archives are often folders of links.
TEST(DecodeWorkers, FollowALinkToASlide) {
  const test::TempDir folder;
  const fs::path link = folder.path() / "link.svs";
  fs::create_symlink(kSlides / "breast-ilc-HE-2048.svs", link);
  const auto slide = workers()->open_slide(link);
  ASSERT_TRUE(slide) << slide.error().message;
  EXPECT_TRUE((*slide)->read({0, 0}, 0, {64, 64}));
}

// Names of files are bytes: an archive may be older than UTF-8.
TEST(DecodeWorkers, OpenASlideOfAnyName) {
  const test::TempDir folder;
  const fs::path slide = folder.path() / "caf\xE9 \xC3\xA9 100%.svs";
  fs::copy_file(kSlides / "breast-ilc-HE-2048.svs", slide);
  const auto opened = workers()->open_slide(slide);
  EXPECT_TRUE(opened) << opened.error().message;
}

TEST(DecodeWorkers, FailAsOpenSlideFails) {
  const auto decoders = workers();
  EXPECT_EQ(decoders->open_slide(kSlides / "absent.svs").error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(decoders->open_slide(CLIPPATH_SOURCE_DIR "/README.md").error().kind,
            ErrorKind::kUnsupported);
  const auto slide = decoders->open_slide(kSlides / "breast-ilc-HE-2048.svs").value();
  EXPECT_EQ(slide->read({0, 0}, 99, {10, 10}).error().kind, ErrorKind::kInvalidArgument);
}

TEST(DecodeWorkers, DecodePictures) {
  const auto decoders = workers();
  const RgbImage picture = RgbImage::filled(31, 17, 200, 100, 50);
  EXPECT_EQ(decoders->decode_picture(encode_png(picture), {}).value(), picture);
  auto cut = encode_png(picture);
  cut.resize(cut.size() / 2);
  EXPECT_EQ(decoders->decode_picture(cut, {}).error().kind, ErrorKind::kInvalidArgument);
  const PictureLimits small{16, 256};
  EXPECT_EQ(decoders->decode_picture(encode_png(picture), small).error().kind,
            ErrorKind::kTooLarge);
}

TEST(DecodeWorkers, CannotLeaveTheirSandbox) {
  const auto report = workers()->try_sandbox();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(report->allowed, ::testing::IsEmpty());
  EXPECT_THAT(report->refused, ::testing::ElementsAre("network", "writing", "other files",
                                                      "programs", "new code", "signals to others"));
}

TEST(DecodeWorkers, AMissingProgramIsNamed) {
  const auto none = DecodeWorkers::make("/nonexistent/clippath-worker", 1);
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().message.find("/nonexistent/clippath-worker"), std::string::npos);
}

}  // namespace
}  // namespace clippath
