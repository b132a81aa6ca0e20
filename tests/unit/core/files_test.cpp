// SPDX-License-Identifier: Apache-2.0
#include "clippath/core/files.h"

#include <gtest/gtest.h>

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

TEST(ReadFile, RefusesMoreThanItsLimit) {
  const test::TempDir folder;
  const auto path = folder.path() / "a";
  ASSERT_TRUE(write_file_durably(path, bytes_of("12345")).has_value());
  EXPECT_EQ(read_file(path, 4).error().kind, ErrorKind::kTooLarge);
  EXPECT_EQ(read_file(path, 5).value().size(), 5U);
}

TEST(ReadFile, RefusesAFolder) {
  EXPECT_FALSE(read_file(std::filesystem::temp_directory_path(), 100).has_value());
}

}  // namespace
}  // namespace clippath
