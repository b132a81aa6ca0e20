// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "clippath/data_folder.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/store/child_process.h"

namespace clippath {
namespace {

using testing::HasSubstr;

class FolderLockTest : public testing::Test {
 protected:
  Result<std::unique_ptr<DataFolder>> open(Access access) {
    return DataFolder::open(folder_.path(), access, "test");
  }
  std::vector<std::string> hold(const char* mode) {
    return {"hold", mode, folder_.path().string()};
  }
  test::TempDir folder_;
};

TEST_F(FolderLockTest, OfAWriterKeepsEverybodyOutAndSaysWho) {
  test::ChildProcess holder(hold("write"));
  ASSERT_EQ(holder.line(), "open");
  for (const Access access : {Access::kRead, Access::kWrite}) {
    const auto folder = open(access);
    ASSERT_FALSE(folder);
    EXPECT_EQ(folder.error().kind, ErrorKind::kFailedPrecondition);
    EXPECT_THAT(folder.error().message, HasSubstr("process " + std::to_string(holder.pid())));
    EXPECT_THAT(folder.error().message, HasSubstr("hold the folder for a test"));
    EXPECT_THAT(folder.error().message, HasSubstr("stop it"));
  }
  EXPECT_THAT(open(Access::kRead).error().message, HasSubstr("--server"));
  holder.finish();
  EXPECT_TRUE(open(Access::kRead));
  EXPECT_TRUE(open(Access::kWrite));
}

TEST_F(FolderLockTest, OfAReaderLetsReadersIn) {
  open(Access::kWrite)->reset();
  test::ChildProcess holder(hold("read"));
  ASSERT_EQ(holder.line(), "open");
  EXPECT_TRUE(open(Access::kRead));
  const auto folder = open(Access::kWrite);
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().kind, ErrorKind::kFailedPrecondition);
  EXPECT_THAT(folder.error().message, HasSubstr("(reading)"));
}

TEST_F(FolderLockTest, EndsWithAKilledProcess) {
  test::ChildProcess holder(hold("write"));
  ASSERT_EQ(holder.line(), "open");
  holder.kill();
  {
    test::ChildProcess reader(hold("read"));
    ASSERT_EQ(reader.line(), "open");
    const auto folder = open(Access::kWrite);
    ASSERT_FALSE(folder);
    EXPECT_THAT(folder.error().message, Not(HasSubstr("hold the folder for a test")))
        << "the words of the killed process";
  }
  EXPECT_TRUE(open(Access::kWrite));
}

}  // namespace
}  // namespace clippath
