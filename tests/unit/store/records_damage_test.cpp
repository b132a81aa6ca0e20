// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <random>

#include "clippath/records.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/store/test_rows.h"

namespace clippath {
namespace {

namespace fs = std::filesystem;

// Wide enough that RocksDB puts vectors into blob files.
constexpr std::size_t kWide = 768;

std::vector<std::string> contents(const Records& records, bool& failed) {
  std::vector<std::string> all;
  const auto rows = test::visible_patches(records);
  failed = !rows;
  if (rows) {
    for (const PatchRow& row : *rows) all.push_back(test::describe(row));
  }
  return all;
}

void write_wide_slide(const fs::path& folder, bool leave_in_log) {
  auto records = open_records(folder, Access::kWrite);
  ASSERT_TRUE(records) << records.error().message;
  const SlideId slide("s1");
  auto writer = (*records)->write_slide(slide, {test::kTestEncoder});
  ASSERT_TRUE(writer && (*writer)->append(
                            1024, test::encoded(test::test_patches(slide, 1024, 64, 1, kWide))));
  ASSERT_TRUE((*writer)->complete(test::test_slide(slide, CaseId("c"), {1024})));
  if (leave_in_log) fs::copy(folder, folder.string() + "-log", fs::copy_options::recursive);
}

/// Damages one byte in files of these kinds, in many places, and looks for an answer that is wrong
/// without anybody saying so.
void expect_no_silent_damage(const fs::path& original, const fs::path& scratch,
                             const std::vector<std::string>& kinds) {
  bool failed = false;
  const auto sound = open_records(original, Access::kRead);
  ASSERT_TRUE(sound) << sound.error().message;
  const std::vector<std::string> expected = contents(**sound, failed);
  ASSERT_FALSE(failed);
  ASSERT_EQ(expected.size(), 64U);

  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(original)) {
    const bool wanted = std::ranges::any_of(kinds, [&](const std::string& kind) {
      return entry.path().filename().string().find(kind) != std::string::npos;
    });
    if (wanted && entry.file_size() > 0) files.push_back(entry.path().filename().string());
  }
  ASSERT_FALSE(files.empty());
  std::ranges::sort(files);

  int noticed = 0;
  for (unsigned seed = 0; seed < 50; ++seed) {
    std::mt19937_64 random(seed);
    fs::remove_all(scratch);
    fs::copy(original, scratch, fs::copy_options::recursive);
    const fs::path file = scratch / files[random() % files.size()];
    const auto place = static_cast<std::streamoff>(random() % fs::file_size(file));
    SCOPED_TRACE("seed " + std::to_string(seed) + ": byte " + std::to_string(place) + " of " +
                 file.filename().string());
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(place);
    const char byte = static_cast<char>(stream.get() ^ (1 << (random() % 8)));
    stream.seekp(place);
    stream.put(byte);
    stream.close();

    const auto records = open_records(scratch, Access::kRead);
    if (!records) {
      ++noticed;
      continue;
    }
    const std::vector<std::string> found = contents(**records, failed);
    const auto findings = (*records)->verify();
    const bool said = failed || !findings || !findings->empty();
    noticed += said ? 1 : 0;
    if (!said) {
      EXPECT_EQ(found, expected);
    }
    if (!failed) {
      EXPECT_EQ(found, expected) << "a wrong answer, even if verify() knows";
    }
  }
  EXPECT_GT(noticed, 25) << "most damage lies in bytes that matter";
}

TEST(RecordsDamage, InTableAndBlobFilesIsNeverSilent) {
  test::TempDir folder;
  write_wide_slide(folder.path() / "records", false);
  expect_no_silent_damage(folder.path() / "records", folder.path() / "copy", {".sst", ".blob"});
}

TEST(RecordsDamage, InTheManifestIsNeverSilent) {
  test::TempDir folder;
  write_wide_slide(folder.path() / "records", false);
  expect_no_silent_damage(folder.path() / "records", folder.path() / "copy", {"MANIFEST"});
}

TEST(RecordsDamage, OfAMissingFileIsReported) {
  test::TempDir folder;
  write_wide_slide(folder.path() / "records", false);
  for (const auto& entry : fs::directory_iterator(folder.path() / "records")) {
    if (entry.path().extension() == ".blob") fs::remove(entry.path());
  }
  const auto records = open_records(folder.path() / "records", Access::kWrite);
  if (!records) {
    EXPECT_EQ(records.error().kind, ErrorKind::kCorruption) << records.error().message;
    EXPECT_NE(records.error().message.find("restore"), std::string::npos);
    return;
  }
  EXPECT_FALSE((*records)->verify()->empty());
}

TEST(RecordsDamage, InTheMiddleOfTheLogIsNotTakenForItsEnd) {
  test::TempDir folder;
  write_wide_slide(folder.path() / "records", true);
  const fs::path copy = folder.path() / "records-log";
  fs::path log;
  for (const auto& entry : fs::directory_iterator(copy)) {
    if (entry.path().extension() == ".log" && entry.file_size() > 0) log = entry.path();
  }
  ASSERT_FALSE(log.empty());
  std::fstream stream(log, std::ios::in | std::ios::out | std::ios::binary);
  // Within the first batch of patches; the slide's completion follows.
  stream.seekp(20'000);
  stream.put('x');
  stream.close();
  for (const Access access : {Access::kRead, Access::kWrite}) {
    const auto records = open_records(copy, access);
    ASSERT_FALSE(records) << "acknowledged rows are gone";
    EXPECT_EQ(records.error().kind, ErrorKind::kCorruption) << records.error().message;
  }
}

}  // namespace
}  // namespace clippath
