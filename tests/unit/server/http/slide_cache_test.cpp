// SPDX-License-Identifier: Apache-2.0
#include "server/http/slide_cache.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "tests/support/temp_dir.h"
#include "tests/unit/server/http/test_server.h"

namespace clippath {
namespace {

SlideRecord record_of(const std::filesystem::path& path) {
  SlideRecord slide;
  slide.id = SlideId(path.stem().string());
  slide.path = path;
  slide.fingerprint.size_bytes = std::filesystem::file_size(path);
  slide.fingerprint.modified_ns = test::modified_ns(path);
  return slide;
}

TEST(SlideCache, OpensASlideOnceAndForgetsTheOneUsedLongestAgo) {
  test::TempDir folder;
  std::map<std::string, int> opened;
  SlideCache cache(
      [&](const std::filesystem::path& path) -> Result<std::shared_ptr<const SlideReader>> {
        ++opened[path.stem()];
        return test::make_gradient_slide();
      },
      2);
  std::vector<SlideRecord> slides;
  for (const char* name : {"a", "b", "c"}) {
    const auto path = folder.path() / (std::string(name) + ".svs");
    test::write_text(path, name);
    slides.push_back(record_of(path));
  }
  for (int i : {0, 1, 0, 2, 0, 1}) {
    EXPECT_TRUE(cache.open(slides[static_cast<std::size_t>(i)]));
  }
  EXPECT_EQ(opened, (std::map<std::string, int>{{"a", 1}, {"b", 2}, {"c", 1}}));
}

TEST(SlideCache, RefusesAFileThatChangedSinceIndexing) {
  test::TempDir folder;
  const auto path = folder.path() / "a.svs";
  test::write_text(path, "one");
  const SlideRecord slide = record_of(path);
  SlideCache cache(
      [](const auto&) -> Result<std::shared_ptr<const SlideReader>> {
        return test::make_gradient_slide();
      },
      2);
  EXPECT_TRUE(cache.open(slide));
  test::write_text(path, "another");
  EXPECT_EQ(cache.open(slide).error().kind, ErrorKind::kFailedPrecondition);
  std::filesystem::remove(path);
  const Error gone = cache.open(slide).error();
  EXPECT_EQ(gone.kind, ErrorKind::kNotFound);
  EXPECT_EQ(gone.message.find(folder.path().string()), std::string::npos);
}

TEST(SlideCache, SaysThatATablesSlideHasNoFile) {
  SlideCache cache(
      [](const auto&) -> Result<std::shared_ptr<const SlideReader>> {
        return test::make_gradient_slide();
      },
      2);
  EXPECT_EQ(cache.open(SlideRecord{}).error().kind, ErrorKind::kNotFound);
}

}  // namespace
}  // namespace clippath
