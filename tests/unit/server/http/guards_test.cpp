// SPDX-License-Identifier: Apache-2.0
#include "server/http/guards.h"

#include <gtest/gtest.h>

namespace clippath {
namespace {

HttpRequest request(std::string method, std::string target, std::vector<HttpHeader> headers) {
  return {std::move(method), std::move(target), std::move(headers), {}};
}

HttpRequest search_request(std::vector<HttpHeader> more, const std::string& length = "10") {
  std::vector<HttpHeader> headers{
      {"Host", "localhost"}, {"Content-Type", "application/json"}, {"Content-Length", length}};
  headers.insert(headers.end(), more.begin(), more.end());
  return request("POST", "/v1/search", std::move(headers));
}

int status_of(const HttpRequest& one, const HostPolicy& hosts = {"127.0.0.1", false}) {
  const auto admitted = admit(one, hosts);
  return admitted ? 200 : admitted.error().status;
}

int status_of_get(const std::string& target) {
  return status_of(request("GET", target, {{"Host", "localhost"}}));
}

TEST(Guards, AdmitPlainRequests) {
  EXPECT_EQ(status_of_get("/livez"), 200);
  EXPECT_EQ(status_of_get("/v1/slides?limit=3&offset=0"), 200);
  EXPECT_EQ(status_of_get("/v1/patches/s~1_2_3/image"), 200);
  EXPECT_EQ(status_of(search_request({})), 200);
  EXPECT_EQ(status_of(search_request({{"Expect", "100-continue"}})), 200);
  EXPECT_EQ(status_of(request("HEAD", "/livez", {{"Host", "localhost"}})), 200);
}

TEST(Guards, HandDownTheIdsOfThePath) {
  const auto admitted =
      admit(request("GET", "/v1/slides/a%2Fb/region?x=1", {{"Host", "localhost"}}), {});
  ASSERT_TRUE(admitted);
  EXPECT_EQ(admitted->match.ids, std::vector<std::string>{"a/b"});
  EXPECT_EQ(*admitted->target.parameter("x"), "1");
}

TEST(Guards, RefuseWhatHasTwoMeanings) {
  EXPECT_EQ(status_of(search_request({{"Transfer-Encoding", "chunked"}})), 400);
  EXPECT_EQ(status_of(search_request({{"transfer-encoding", "identity"}})), 400);
  EXPECT_EQ(status_of(search_request({{"Content-Length", "10"}})), 400);
  EXPECT_EQ(status_of(search_request({{"Host", "localhost"}})), 400);
  EXPECT_EQ(status_of(search_request({{"Range", "bytes=0-1"}})), 400);
  EXPECT_EQ(status_of(search_request({{"Upgrade", "websocket"}})), 400);
  EXPECT_EQ(status_of(search_request({{"Expect", "a miracle"}})), 417);
  EXPECT_EQ(status_of(search_request({{"Content-Encoding", "gzip"}})), 415);
  EXPECT_EQ(status_of(search_request({{"X-Note", "a\r\nHost: b"}})), 400);
}

TEST(Guards, WantALengthWhereThereIsABodyAndNoneElsewhere) {
  for (const char* length : {"", "-2", "+5", "0x10", "5,5", "5 5", "99999999999999999999999"}) {
    EXPECT_EQ(status_of(search_request({}, length)), 400) << length;
  }
  EXPECT_EQ(status_of(search_request({}, std::to_string(12 << 20))), 200);
  EXPECT_EQ(status_of(search_request({}, std::to_string((12 << 20) + 1))), 413);
  EXPECT_EQ(status_of(request("POST", "/v1/search",
                              {{"Host", "localhost"}, {"Content-Type", "application/json"}})),
            411);
  EXPECT_EQ(status_of(request("GET", "/livez", {{"Host", "localhost"}, {"Content-Length", "3"}})),
            400);
}

TEST(Guards, WantTheRoutesMediaType) {
  const auto status = [](const std::string& target, const std::string& type) {
    return status_of(request(
        "POST", target, {{"Host", "localhost"}, {"Content-Length", "3"}, {"Content-Type", type}}));
  };
  EXPECT_EQ(status("/v1/search", "application/json; charset=utf-8"), 200);
  EXPECT_EQ(status("/v1/search", "text/plain"), 415);
  EXPECT_EQ(status("/v1/search", "multipart/form-data; boundary=x"), 415);
  EXPECT_EQ(status("/v1/search/image", "image/png"), 200);
  EXPECT_EQ(status("/v1/search/image", "Image/JPEG"), 200);
  EXPECT_EQ(status("/v1/search/image", "application/json"), 415);
}

TEST(Guards, AnswerToOwnNamesOnly) {
  const auto status = [](const std::string& host, const HostPolicy& policy) {
    return status_of(request("GET", "/livez", {{"Host", host}}), policy);
  };
  const HostPolicy policy{"127.0.0.5", false};
  for (const char* host :
       {"localhost", "LOCALHOST:80", "127.0.0.1:8080", "[::1]", "[::1]:8080", "127.0.0.5:1"}) {
    EXPECT_EQ(status(host, policy), 200) << host;
  }
  for (const char* host : {"", "evil.example", "localhost.evil.example", "localhost:", "[::1",
                           "localhost:99999999", "localhost:80x", "user@localhost"}) {
    EXPECT_EQ(status(host, policy), 400) << host;
  }
  EXPECT_EQ(status("archive.example:8080", HostPolicy{"0.0.0.0", true}), 200);
  EXPECT_EQ(status_of(request("GET", "/livez", {})), 400);
}

TEST(Guards, LimitPathQueryAndHeaders) {
  EXPECT_EQ(status_of_get("/" + std::string(255, 'a')), 404);
  EXPECT_EQ(status_of_get("/" + std::string(256, 'a')), 414);
  EXPECT_EQ(status_of_get("/v1/slides?limit=" + std::string(9000, '1')), 414);
  std::vector<HttpHeader> many(kMaxHeaders + 1, {"X", "y"});
  EXPECT_EQ(status_of(request("GET", "/livez", many)), 431);
  EXPECT_EQ(status_of(request("GET", "/livez",
                              {{"Host", "localhost"}, {"X", std::string(kMaxHeaderBytes, 'x')}})),
            431);
}

TEST(Guards, RefusePathsThatDecodeToTricks) {
  for (const char* target : {"", "livez", "http://localhost/livez", "*", "//livez", "/v1//slides",
                             "/v1/../livez", "/v1/%2e%2e/livez", "/v1/slides/%00", "/v1/slides/%0a",
                             "/v1/slides/%ff", "/v1/slides/%c0%af", "/v1/slides/%ed%a0%80",
                             "/v1/slides/%", "/v1/slides/%4", "/v1/slides/%zz", "/v1/slides/"}) {
    EXPECT_EQ(status_of_get(target), 400) << target;
  }
}

TEST(Guards, RefuseParametersThatARouteDoesNotHave) {
  EXPECT_EQ(status_of_get("/v1/slides?limit=1&limit=2"), 400);
  EXPECT_EQ(status_of_get("/v1/slides?page=1"), 400);
  EXPECT_EQ(status_of_get("/livez?x=1"), 400);
  EXPECT_EQ(status_of_get("/v1/slides?limit"), 400);
  EXPECT_EQ(status_of_get("/v1/slides?"), 200);
  const auto refused = admit(request("GET", "/v1/slides?page=1", {{"Host", "localhost"}}), {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error.field, "page");
  EXPECT_EQ(refused.error().error.limit, "limit, offset");
}

TEST(Guards, TellWrongMethodsFromWrongPaths) {
  const auto put = admit(request("PUT", "/v1/search", {{"Host", "localhost"}}), {});
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().status, 405);
  EXPECT_EQ(put.error().allow, "POST");
  const auto erase = admit(request("DELETE", "/v1/slides/a", {{"Host", "localhost"}}), {});
  ASSERT_FALSE(erase);
  EXPECT_EQ(erase.error().allow, "GET, HEAD");
  for (const char* target : {"/nothing", "/v1", "/v1/patches", "/v1/patches/a/b", "/v1/search/x"}) {
    EXPECT_EQ(status_of(request("POST", target, {{"Host", "localhost"}})), 404) << target;
  }
}

}  // namespace
}  // namespace clippath
