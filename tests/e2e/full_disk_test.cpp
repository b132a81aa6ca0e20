// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "tests/support/folder_contents.h"
#include "tests/support/program.h"

namespace clippath::test {
namespace {

using ::testing::HasSubstr;

/// An 8 MB file system in memory; gone with the object.
class SmallDisk {
 public:
  SmallDisk()
      : mounted_(::mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, "size=8m") == 0),
        error_(errno) {}
  ~SmallDisk() {
    if (mounted_) ::umount2(folder_.path().c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  [[nodiscard]] bool mounted() const { return mounted_; }
  [[nodiscard]] std::string why_not() const { return std::strerror(error_); }
  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }

 private:
  TempDir folder_;
  bool mounted_;
  int error_;
};

/// Takes all the space that is left.
void fill(const std::filesystem::path& file) {
  std::ofstream filler(file, std::ios::binary);
  const std::string block(4096, 'x');
  while (filler.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
  }
}

Finished index(const std::string& slide, const std::string& data) {
  // A model of one megabyte: what fills the disk must be the store.
  return run({"index", source_path("demo/slides/" + slide), "--data", data, "--model",
              source_path("tests/golden/models/dual-tiny"), "--um", "256"});
}

TEST(FullDisk, IsNamedWhileEarlierWorkAnswersAndEndsWithTheSpace) {
  const SmallDisk disk;
  if (!disk.mounted()) GTEST_SKIP() << "mounting a tmpfs is not allowed here: " << disk.why_not();
  const std::string data = disk.path() / "data";
  const Finished first = index("breast-ilc-HE-2048.svs", data);
  ASSERT_EQ(first.exit_code, 0) << first.err;
  const auto before = patches_in(data);

  fill(disk.path() / "filler");
  const Finished refused = index("pdac-HE1-2048.svs", data);
  EXPECT_EQ(refused.exit_code, 1) << refused.err;
  EXPECT_THAT(refused.err, HasSubstr("No space left on device"));
  const Finished search = run({"search", "--data", data, "--text", "carcinoma", "-k", "3"});
  EXPECT_EQ(search.exit_code, 0) << search.err;
  EXPECT_THAT(search.out, HasSubstr("breast-ilc-HE-2048~"));

  std::filesystem::remove(disk.path() / "filler");
  EXPECT_EQ(patches_in(data), before);
  const Finished again = index("pdac-HE1-2048.svs", data);
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_GT(patches_in(data).size(), before.size());
}

}  // namespace
}  // namespace clippath::test
