// SPDX-License-Identifier: Apache-2.0
#include "clippath/core/ids.h"

#include <gtest/gtest.h>

namespace clippath {
namespace {

TEST(EscapeId, LeavesPlainNamesAlone) {
  EXPECT_EQ(escape_id("TCGA-CR-7395_01.a"), "TCGA-CR-7395_01.a");
}

TEST(EscapeId, WritesOtherBytesAsHex) {
  EXPECT_EQ(escape_id("a b~c=\xC3\xA9"), "a=20b=7Ec=3D=C3=A9");
}

TEST(EscapeId, CanBeUndone) {
  for (const std::string text : {"", "TCGA-CR-7395_01.a", "a b~c=\xC3\xA9", "=", "==3D", "\n=4"}) {
    EXPECT_EQ(unescape_id(escape_id(text)), text);
  }
}

TEST(UnescapeId, LeavesAloneWhatIsNoEscape) {
  EXPECT_EQ(unescape_id("a=2"), "a=2");
  EXPECT_EQ(unescape_id("a=zz="), "a=zz=");
}

TEST(FileNameOf, NeverLeadsOutOfAFolder) {
  EXPECT_EQ(file_name_of(".."), "=2E.");
  EXPECT_EQ(file_name_of("a..b"), "a..b");
}

TEST(PatchId, NamesThePlaceInTheLevel0Frame) {
  EXPECT_EQ(make_patch_id(SlideId("s"), {1024, 0}, 2048).value, "s~1024_0_2048");
}

TEST(PatchId, NamesTheFileWhereThereIsNoPlace) {
  EXPECT_EQ(make_patch_id(SlideId("s"), "tile 1").value, "s~tile=201");
}

}  // namespace
}  // namespace clippath
