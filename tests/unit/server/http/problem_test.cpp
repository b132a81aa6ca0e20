// SPDX-License-Identifier: Apache-2.0
#include "server/http/problem.h"

#include <gtest/gtest.h>

#include "core/json/json.h"
#include "server/http/dispatch.h"

namespace clippath {
namespace {

TEST(Problem, HasTheStatusAndCodeOfEveryErrorKind) {
  for (int i = 0; i <= static_cast<int>(ErrorKind::kOutOfSpace); ++i) {
    const auto kind = static_cast<ErrorKind>(i);
    const HttpResponse response = problem_response(problem_of({kind, "m", "f", "l"}), "id");
    EXPECT_EQ(response.status, http_status(kind));
    EXPECT_EQ(response.content_type, "application/problem+json");
    const auto body = parse_json(response.body);
    ASSERT_TRUE(body);
    EXPECT_EQ((*body)["code"], to_string(kind));
    EXPECT_EQ((*body)["status"], http_status(kind));
    EXPECT_NE((*body)["title"], "") << to_string(kind);
    EXPECT_EQ((*body)["request_id"], "id");
  }
}

TEST(Problem, KeepsOwnFaultsOutOfTheAnswer) {
  const HttpResponse response = problem_response(
      problem_of({ErrorKind::kInternal, "/archive/DOE^JANE.svs: cannot read"}), "id");
  EXPECT_EQ(response.body.find("DOE"), std::string::npos);
}

TEST(Problem, CutsWhatAClientMadeLong) {
  const HttpResponse response = problem_response(
      problem_of({ErrorKind::kInvalidArgument, std::string(100'000, 'x'), std::string(9000, 'y')}),
      "id");
  EXPECT_LT(response.body.size(), 2000U);
}

TEST(RequestIds, AreSixteenHexDigitsAndDiffer) {
  RequestIds ids;
  const std::string first = ids.next();
  EXPECT_EQ(first.size(), 16U);
  EXPECT_NE(first, ids.next());
  EXPECT_NE(first.substr(0, 8), RequestIds().next().substr(0, 8));
}

}  // namespace
}  // namespace clippath
