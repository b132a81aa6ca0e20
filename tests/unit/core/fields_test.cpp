// SPDX-License-Identifier: Apache-2.0
#include "clippath/core/fields.h"

#include <gtest/gtest.h>

namespace clippath {
namespace {

TEST(ParseField, ReadsTheTypeOffTheText) {
  EXPECT_EQ(parse_field("breast"), FieldValue("breast"));
  EXPECT_EQ(parse_field("2019"), FieldValue(2019.0));
  EXPECT_EQ(parse_field("-0.25"), FieldValue(-0.25));
  EXPECT_EQ(parse_field("yes"), FieldValue(true));
  EXPECT_EQ(parse_field("2024-02-29"), FieldValue(Date{"2024-02-29"}));
}

TEST(ParseField, KeepsWhatOnlyLooksLikeANumberOrADay) {
  for (const char* text :
       {"", "007", "1e400", "inf", "nan", "1,5", "12 um", "2023-02-29", "2023-13-01", "2024-2-9"}) {
    EXPECT_EQ(parse_field(text), FieldValue(text)) << text;
  }
}

TEST(ToText, IsReadBackAsTheSameValue) {
  for (const char* text :
       {"breast", "2019", "-0.25", "yes", "no", "2024-02-29", "0.1", "1e300", "007", ""}) {
    const FieldValue value = parse_field(text);
    EXPECT_EQ(parse_field(to_text(value)), value) << text;
  }
}

}  // namespace
}  // namespace clippath
