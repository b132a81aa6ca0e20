// SPDX-License-Identifier: Apache-2.0
#include "clippath/core/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/temp_dir.h"

namespace clippath {
namespace {

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

TEST(WriteFileDurably, ReplacesTheOldFileAndLeavesNoTemporaryOne) {
  const test::TempDir folder;
  const auto path = folder.path() / "clippath.json";
  ASSERT_TRUE(write_file_durably(path, bytes_of("old, and longer")).has_value());
  ASSERT_TRUE(write_file_durably(path, bytes_of("new")).has_value());
  EXPECT_EQ(read_text_file(path, 100).value(), "new");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(WriteFileDurably, NamesThePathThatCannotBeWritten) {
  const auto result = write_file_durably("/nonexistent/a", bytes_of("x"));
  ASSERT_FALSE(result.has_value());
  EXPECT_NE(result.error().message.find("/nonexistent/a"), std::string::npos);
}

TEST(StagedFile, AppearsWhenItIsCommitted) {
  const test::TempDir folder;
  const auto path = folder.path() / "a";
  auto file = StagedFile::create(path);
  ASSERT_TRUE(file.has_value());
  const std::string piece(100'000, 'x');
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(file->append(piece).has_value());
  EXPECT_FALSE(std::filesystem::exists(path));
  ASSERT_TRUE(file->commit().has_value());
  EXPECT_EQ(read_text_file(path, 1U << 20U).value(), piece + piece + piece + piece + piece);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(StagedFile, LeavesNothingBehindWithoutACommit) {
  const test::TempDir folder;
  {
    auto file = StagedFile::create(folder.path() / "a");
    ASSERT_TRUE(file->append(std::string_view("half")).has_value());
    StagedFile moved = std::move(*file);
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(ReadFile, RefusesMoreThanItsLimit) {
  const test::TempDir folder;
  const auto path = folder.path() / "a";
  ASSERT_TRUE(write_file_durably(path, bytes_of("12345")).has_value());
  EXPECT_EQ(read_file(path, 4).error().kind, ErrorKind::kTooLarge);
  EXPECT_EQ(read_file(path, 5).value().size(), 5U);
}

TEST(ReadFile, DoesNotWaitForThePipeThatItRefuses) {
  const test::TempDir folder;
  const auto pipe = folder.path() / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(read_file(pipe, 100).error().kind, ErrorKind::kInvalidArgument);
}

TEST(ReadFile, RefusesAFolder) {
  EXPECT_FALSE(read_file(std::filesystem::temp_directory_path(), 100).has_value());
}

}  // namespace
}  // namespace clippath
