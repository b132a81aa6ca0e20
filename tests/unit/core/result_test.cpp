// SPDX-License-Identifier: Apache-2.0
#include "clippath/core/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace clippath {
namespace {

Result<std::unique_ptr<int>> positive(int value) {
  if (value <= 0) return fail(ErrorKind::kInvalidArgument, "value: must be positive");
  return std::make_unique<int>(value);
}

Result<int> doubled(int value) {
  CLIPPATH_TRY(const auto owned, positive(value));
  return *owned * 2;
}

Result<void> checked(int value) {
  CLIPPATH_TRY_VOID(doubled(value));
  return {};
}

TEST(Result, HandsMoveOnlyValuesOn) { EXPECT_EQ(doubled(21).value(), 42); }

TEST(Result, HandsErrorsUpUnchanged) {
  const auto result = checked(-1);
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(result.error().kind, ErrorKind::kInvalidArgument);
  EXPECT_EQ(result.error().message, "value: must be positive");
}

TEST(Error, PutsTheOuterContextInFront) {
  const Error inner{ErrorKind::kCorruption, "jpeg decode failed", "image", "8 bits",
                    "scale_unknown"};
  const Error outer = inner.within("tile (12, 40)").within("slide 7f3a");
  EXPECT_EQ(outer.message, "slide 7f3a: tile (12, 40): jpeg decode failed");
  EXPECT_EQ(outer.kind, ErrorKind::kCorruption);
  EXPECT_EQ(outer.field, "image");
  EXPECT_EQ(outer.code, "scale_unknown");
}

}  // namespace
}  // namespace clippath
