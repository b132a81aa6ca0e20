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

TEST(PatchId, NamesThePlaceInTheLevel0Frame) {
  EXPECT_EQ(make_patch_id(SlideId("s"), {1024, 0}, 2048).value, "s~1024_0_2048");
}

TEST(PatchId, NamesTheFileWhereThereIsNoPlace) {
  EXPECT_EQ(make_patch_id(SlideId("s"), "tile 1").value, "s~tile=201");
}

}  // namespace
}  // namespace clippath
