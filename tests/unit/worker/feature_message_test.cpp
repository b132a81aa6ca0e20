// SPDX-License-Identifier: Apache-2.0
#include "worker/protocol/feature_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/support/feature_files.h"

namespace clippath::worker {
namespace {

using testing::HasSubstr;

TEST(FeatureMessage, ComesBackAsItWas) {
  FeatureFile file = test::three_patches();
  file.attributes.emplace_back("least", std::numeric_limits<std::int64_t>::min() + 1);
  file.attributes.emplace_back("pair", std::array{-0.5, 1e300});
  const auto back = feature_file_from(to_json(file), payload_of(file));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->coords, file.coords);
  EXPECT_EQ(back->features.rows, 3U);
  EXPECT_EQ(back->features.values, file.features.values);
  EXPECT_EQ(back->attributes, file.attributes);
}

TEST(FeatureMessage, OfNothingIsNothing) {
  const auto back = feature_file_from(to_json(FeatureFile()), {});
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_TRUE(back->coords.empty());
}

// A worker may have been taken over by its file.
TEST(FeatureMessage, IsNotTrusted) {
  const FeatureFile file = test::three_patches();
  const Json honest = to_json(file);
  const auto payload = payload_of(file);
  const auto refusal = [&payload](Json body) {
    const auto read = feature_file_from(body, payload);
    return read ? std::string("taken") : read.error().message;
  };
  const auto with = [&honest](const char* key, Json value) {
    Json body = honest;
    body[key] = std::move(value);
    return body;
  };
  EXPECT_EQ(refusal(honest), "taken");
  EXPECT_THAT(refusal(with("rows", 4)), HasSubstr("rows"));
  EXPECT_THAT(refusal(with("rows", 2)), HasSubstr("rows"));
  EXPECT_THAT(refusal(with("rows", -1)), HasSubstr("rows"));
  EXPECT_THAT(refusal(with("rows", std::int64_t{1} << 40)), HasSubstr("rows"));
  EXPECT_THAT(refusal(with("dimension", 5)), HasSubstr("rows"));
  EXPECT_THAT(refusal(with("dimension", 1 << 20)), HasSubstr("dimension"));
  EXPECT_THAT(refusal(with("attributes", 7)), HasSubstr("attributes"));
  EXPECT_THAT(refusal(with("attributes", Json::array({7}))), HasSubstr("attributes"));
  EXPECT_THAT(refusal(with("attributes", Json::array({{{"name", "mpp"}}}))), HasSubstr("number"));
  EXPECT_THAT(refusal(with("attributes", Json::array({{{"text", "x"}}}))), HasSubstr("name"));
  EXPECT_THAT(refusal(with("extra", 1)), HasSubstr("extra"));
  EXPECT_THAT(refusal(7), HasSubstr("object"));
}

}  // namespace
}  // namespace clippath::worker
