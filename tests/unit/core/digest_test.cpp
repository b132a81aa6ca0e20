// SPDX-License-Identifier: Apache-2.0
#include "clippath/core/digest.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/temp_dir.h"

namespace clippath {
namespace {

// Test vectors of FIPS 180-4.
TEST(Sha256, AgreesWithTheStandard) {
  Sha256 whole;
  whole.update(std::string_view("abc"));
  EXPECT_EQ(to_hex(whole.finish()),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256, DoesNotDependOnThePieces) {
  Sha256 pieces;
  pieces.update(std::string_view("a"));
  pieces.update(std::string_view("bc"));
  EXPECT_EQ(to_hex(pieces.finish()),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256, NamesTheMissingFile) {
  const auto digest = sha256_file("/nonexistent/slide.svs");
  ASSERT_FALSE(digest.has_value());
  EXPECT_EQ(digest.error().kind, ErrorKind::kNotFound);
  EXPECT_NE(digest.error().message.find("/nonexistent/slide.svs"), std::string::npos);
}

TEST(Sha256, DoesNotWaitForTheWriterOfAPipe) {
  const test::TempDir folder;
  const auto pipe = folder.path() / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(sha256_file(pipe).error().kind, ErrorKind::kInvalidArgument);
}

// Computed with Python's hashlib and uuid: SHA-256 of "clippath\ns~0_0_512", version 8.
TEST(UuidOf, FollowsTheName) {
  EXPECT_EQ(uuid_of("s~0_0_512"), "ee8bbd92-278e-8410-aa4d-3d5798886bd8");
  EXPECT_NE(uuid_of("s~0_0_512"), uuid_of("s~0_0_513"));
}

}  // namespace
}  // namespace clippath
