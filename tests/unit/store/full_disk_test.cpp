// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "clippath/data_folder.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/store/test_rows.h"

namespace clippath {
namespace {

/// A file system of a few megabytes, gone with the object: only a real one ends in the middle of
/// RocksDB's own writes.
class SmallDisk {
 public:
  SmallDisk() {
    if (::mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, "size=8m") != 0)
      why_not_ = std::strerror(errno);
  }
  ~SmallDisk() {
    if (why_not_.empty()) ::umount2(folder_.path().c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  [[nodiscard]] const std::string& why_not() const { return why_not_; }
  [[nodiscard]] std::filesystem::path path() const { return folder_.path() / "data"; }
  [[nodiscard]] bool grow() const {
    return ::mount("tmpfs", folder_.path().c_str(), "tmpfs", MS_REMOUNT, "size=64m") == 0;
  }

 private:
  test::TempDir folder_;
  std::string why_not_;
};

/// Writes slides until one fails: how many were acknowledged, and the error.
std::pair<unsigned, Error> fill(Records& records) {
  for (unsigned i = 0; i < 1000; ++i) {
    auto written = test::write_test_slide(records, SlideId("s" + std::to_string(i)), CaseId("c"),
                                          1024, 600, i);
    if (!written) return {i, written.error()};
  }
  return {1000, Error{}};
}

void expect_slides(const Records& records, unsigned count) {
  const auto slides = records.slides();
  ASSERT_TRUE(slides) << slides.error().message;
  EXPECT_EQ(slides->size(), count);
  const auto rows = test::visible_patches(records);
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(rows->size(), count * 600U);
  const auto findings = records.verify();
  ASSERT_TRUE(findings) << findings.error().message;
  for (const std::string& finding : *findings) ADD_FAILURE() << finding;
}

class FullDisk : public testing::Test {
 protected:
  /// The kernel lets only CAP_SYS_ADMIN mount: a developer's own account and a container without
  /// that right cannot fill a disk, and are told so. Root runs these tests.
  void SetUp() override {
    if (!disk_.why_not().empty()) {
      GTEST_SKIP() << "a tmpfs cannot be mounted without CAP_SYS_ADMIN: " << disk_.why_not();
    }
  }

  const SmallDisk disk_;
};

TEST_F(FullDisk, LeavesEarlierSlidesReadableAndTakesMoreOnceThereIsSpace) {
  unsigned acknowledged = 0;
  {
    auto folder = DataFolder::open(disk_.path(), Access::kWrite, "fill");
    ASSERT_TRUE(folder) << folder.error().message;
    const auto [count, error] = fill((*folder)->records());
    acknowledged = count;
    EXPECT_GT(acknowledged, 5U);
    EXPECT_EQ(error.kind, ErrorKind::kOutOfSpace) << error.message;
    EXPECT_NE(error.message.find("free some space"), std::string::npos) << error.message;
    expect_slides((*folder)->records(), acknowledged);
  }
  {
    auto folder = DataFolder::open(disk_.path(), Access::kRead, "read");
    ASSERT_TRUE(folder) << folder.error().message;
    expect_slides((*folder)->records(), acknowledged);
  }
  ASSERT_TRUE(disk_.grow());
  auto folder = DataFolder::open(disk_.path(), Access::kWrite, "go on");
  ASSERT_TRUE(folder) << folder.error().message;
  ASSERT_TRUE(
      test::write_test_slide((*folder)->records(), SlideId("later"), CaseId("c"), 1024, 600, 1));
  expect_slides((*folder)->records(), acknowledged + 1);
}

TEST_F(FullDisk, IsNamedWhereTheModelDoesNotFit) {
  const test::TempDir model;
  std::ofstream(model.path() / "model.safetensors") << std::string(std::size_t{16} << 20, 'x');
  auto folder = DataFolder::open(disk_.path(), Access::kWrite, "test");
  ASSERT_TRUE(folder) << folder.error().message;
  const auto kept = (*folder)->adopt_encoder({test::kTestEncoder, "demo", 256}, model.path());
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().kind, ErrorKind::kOutOfSpace) << kept.error().message;
  EXPECT_FALSE(std::filesystem::exists((*folder)->model_folder(test::kTestEncoder)));
}

TEST_F(FullDisk, IsOverInTheSameProcessOnceThereIsSpace) {
  unsigned acknowledged = 0;
  {
    auto folder = DataFolder::open(disk_.path(), Access::kWrite, "fill");
    ASSERT_TRUE(folder) << folder.error().message;
    acknowledged = fill((*folder)->records()).first;
    EXPECT_EQ(fill((*folder)->records()).second.kind, ErrorKind::kOutOfSpace) << "it still is";
    expect_slides((*folder)->records(), acknowledged);
    ASSERT_TRUE(disk_.grow());
    const auto written =
        test::write_test_slide((*folder)->records(), SlideId("later"), CaseId("c"), 1024, 600, 1);
    ASSERT_TRUE(written) << written.error().message;
    expect_slides((*folder)->records(), acknowledged + 1);
  }
  auto folder = DataFolder::open(disk_.path(), Access::kWrite, "again");
  ASSERT_TRUE(folder) << folder.error().message;
  expect_slides((*folder)->records(), acknowledged + 1);
}

}  // namespace
}  // namespace clippath
