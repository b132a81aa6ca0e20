// SPDX-License-Identifier: Apache-2.0
#include "core/json/json.h"

#include <gtest/gtest.h>

namespace clippath {
namespace {

std::string fault_of(std::string_view text) {
  const auto result = parse_json(text);
  return result ? "" : result.error().message;
}

TEST(ParseJson, KeepsTheOrderOfKeys) {
  EXPECT_EQ(to_text(parse_json(R"({"z":[1,{"y":null},"x"],"a":-2.5})").value()),
            R"({"z":[1,{"y":null},"x"],"a":-2.5})");
}

TEST(ParseJson, RefusesWhatIsNotStrictJson) {
  for (const char* text :
       {"", "{", "[1,]", "{\"a\":1,}", "{\"a\":1} x", "nul", "NaN", "1e400", "'a'", "// c\n1",
        "\"\xC3\"", "\"\\ud800\"", "{\"a\":1,\"a\":2}", "\xEF\xBB\xBF\xEF\xBB\xBF{}"}) {
    EXPECT_NE(fault_of(text), "") << text;
  }
}

TEST(ParseJson, SeesWhatStandsBehindANulByte) {
  EXPECT_NE(fault_of(std::string_view("{}\0garbage", 10)), "");
}

TEST(ParseJson, NamesTheDuplicateKey) {
  EXPECT_NE(fault_of(R"({"k":1,"k":2})").find("'k'"), std::string::npos);
}

TEST(ParseJson, BoundsDepthKeysAndElements) {
  const JsonLimits limits{1000, 3, 2, 4};
  EXPECT_TRUE(parse_json("[[[1]]]", limits).has_value());
  EXPECT_FALSE(parse_json("[[[[1]]]]", limits).has_value());
  EXPECT_FALSE(parse_json(R"({"a":1,"b":2,"c":3})", limits).has_value());
  EXPECT_TRUE(parse_json("[1,2,3,4]", limits).has_value());
  EXPECT_FALSE(parse_json("[1,2,3,4,[]]", limits).has_value());
  EXPECT_EQ(parse_json(std::string(1001, ' '), limits).error().kind, ErrorKind::kTooLarge);
}

TEST(ParseJson, SurvivesAHundredThousandLevels) {
  EXPECT_NE(fault_of(std::string(100'000, '[')).find("nested"), std::string::npos);
}

TEST(ObjectReader, NamesFieldAndLimit) {
  const Json value = parse_json(R"({"inner":{"k":201}})").value();
  ObjectReader outer(value, "");
  ObjectReader inner(*outer.any("inner"), outer.path_of("inner"));
  EXPECT_EQ(inner.integer("k", 1, 200), 1);
  const auto fault = inner.finish();
  ASSERT_FALSE(fault.has_value());
  EXPECT_EQ(fault.error().field, "inner.k");
  EXPECT_EQ(fault.error().limit, "1..200");
  EXPECT_EQ(fault.error().message, "inner.k: must be 1..200, is 201");
}

TEST(ObjectReader, RefusesUnknownFieldsAndListsTheKnownOnes) {
  const Json value = parse_json(R"({"text":"a","txet":"b"})").value();
  ObjectReader reader(value, "");
  EXPECT_EQ(reader.text("text"), "a");
  const auto fault = reader.finish();
  ASSERT_FALSE(fault.has_value());
  EXPECT_EQ(fault.error().field, "txet");
  EXPECT_NE(fault.error().message.find("known are text"), std::string::npos);
}

TEST(ObjectReader, KeepsTheFirstFault) {
  const Json value = parse_json(R"({"a":1,"b":"x"})").value();
  ObjectReader reader(value, "");
  reader.text("a");
  reader.number("b", 0, 1);
  reader.text("c");
  EXPECT_EQ(reader.finish().error().field, "a");
}

TEST(ObjectReader, RefusesWholeNumbersThatDoNotFit) {
  for (const char* number :
       {"18446744073709551615", "9223372036854775808", "1.5", "\"1\"", "true"}) {
    const Json value = parse_json("{\"k\":" + std::string(number) + "}").value();
    ObjectReader reader(value, "");
    reader.optional_integer("k", 0, 10);
    EXPECT_FALSE(reader.finish().has_value()) << number;
  }
}

TEST(ObjectReader, RefusesAnythingButAnObject) {
  const Json value = parse_json("[1]").value();
  ObjectReader reader(value, "query");
  reader.optional_text("text");
  EXPECT_EQ(reader.finish().error().message, "query: must be a JSON object");
}

TEST(ToText, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(to_text(Json("a\xFF")), "\"a\xEF\xBF\xBD\"");
}

}  // namespace
}  // namespace clippath
