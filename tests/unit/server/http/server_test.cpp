// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "clippath/core/pictures.h"
#include "core/json/json.h"
#include "tests/unit/server/http/raw_client.h"
#include "tests/unit/server/http/test_server.h"

namespace clippath::test {
namespace {

std::string png(int width, int height) {
  const auto bytes = encode_png(RgbImage::filled(width, height, 200, 100, 150));
  return {bytes.begin(), bytes.end()};
}

/// The first 33 bytes of a PNG file that says it has this size.
std::string png_header(std::uint32_t width, std::uint32_t height) {
  std::string bytes = png(1, 1);
  for (std::size_t i = 0; i < 4; ++i) {
    bytes[16 + i] = static_cast<char>(width >> (24 - 8 * i));
    bytes[20 + i] = static_cast<char>(height >> (24 - 8 * i));
  }
  return bytes;
}

/// The properties that the OpenAPI document gives one of its schemas.
std::set<std::string> described_properties(const std::string& document, const std::string& schema) {
  const std::string head = "\n    " + schema + ":\n";
  std::istringstream lines(document.substr(document.find(head) + head.size()));
  std::set<std::string> names;
  bool in_properties = false;
  for (std::string line; std::getline(lines, line) && line.starts_with("      ");) {
    if (line[6] != ' ') {
      in_properties = line == "      properties:";
    } else if (in_properties && line[8] != ' ') {
      names.insert(line.substr(8, line.find(':') - 8));
    }
  }
  return names;
}

std::set<std::string> keys_of(const Json& object) {
  std::set<std::string> names;
  for (const auto& [name, value] : object.items()) names.insert(name);
  return names;
}

class HttpServer : public testing::Test {
 protected:
  std::optional<RawResponse> get(const std::string& target) const {
    return test::get(server_.port(), target);
  }
  std::optional<RawResponse> post(const std::string& target, std::string_view body,
                                  const std::string& type = "application/json") const {
    return test::post(server_.port(), target, body, type);
  }
  TestServer server_;
};

TEST_F(HttpServer, FindsAPatchByItsId) {
  const auto response = post(
      "/v1/search", R"({"query": {"patch_id": "case0-s0~0_0_100"}, "exclude": "none", "k": 3})");
  ASSERT_EQ(response->status, 200) << response->body;
  EXPECT_EQ(response->headers.at("content-type"), "application/json");
  const Json answer = json_of(response);
  ASSERT_EQ(answer["hits"].size(), 3U);
  const Json& hit = answer["hits"][0];
  EXPECT_EQ(hit["id"], "case0-s0~0_0_100");
  EXPECT_EQ(hit["kind"], "patch");
  EXPECT_NEAR(hit["similarity"].get<double>(), 1, 1e-3);
  EXPECT_EQ(hit["rect"], Json({{"x", 0}, {"y", 0}, {"width", 100}, {"height", 100}}));
  EXPECT_EQ(hit["mpp"], 0.5);
  EXPECT_EQ(hit["linked"], true);
  EXPECT_EQ(hit["fields"]["organ"], "organ0");
  EXPECT_EQ(hit["image_url"], "/v1/patches/case0-s0~0_0_100/image");
  EXPECT_EQ(hit["region_url"],
            "/v1/slides/case0-s0/region?x=0&y=0&width=100&height=100&max_px=512");
  EXPECT_EQ(hit["report"]["id"], "report0-0");
  EXPECT_EQ(answer["requested"], 3);
  EXPECT_EQ(answer["returned"], 3);
  EXPECT_EQ(answer["matched"], 100);
  EXPECT_EQ(answer["generation"], 7);
  EXPECT_TRUE(answer["took_ms"].contains("total"));
  EXPECT_EQ(answer["request_id"], response->headers.at("x-request-id"));
}

TEST_F(HttpServer, AnswersWordsInEveryCollectionAndGrouping) {
  for (const char* in : {"patches", "slides", "reports"}) {
    const auto response =
        post("/v1/search", R"({"query": {"text": "necrosis"}, "in": ")" + std::string(in) + "\"}");
    EXPECT_EQ(response->status, 200) << response->body;
    EXPECT_FALSE(json_of(response)["hits"].empty()) << in;
  }
  const Json grouped =
      json_of(post("/v1/search", R"({"query": {"text": "necrosis"}, "group_by": "case", "k": 2})"));
  ASSERT_EQ(grouped["groups"].size(), 2U);
  EXPECT_EQ(grouped["groups"][0]["by"], "case");
  EXPECT_EQ(grouped["groups"][0]["hits"].size(), 3U);
  EXPECT_TRUE(grouped["hits"].empty());
}

TEST_F(HttpServer, LinksAreAnswered) {
  const Json answer = json_of(post(
      "/v1/search",
      R"({"query": {"text": "x"}, "k": 1, "filter": {"must": [{"field": "slide_id", "equals": "case0-s0"}]}})"));
  ASSERT_EQ(answer["hits"].size(), 1U);
  for (const char* link : {"image_url", "region_url", "thumbnail_url"}) {
    const auto response = get(answer["hits"][0][link].get<std::string>());
    EXPECT_EQ(response->status, 200) << link << response->body;
  }
}

TEST_F(HttpServer, AnswersAnUploadedPicture) {
  const auto response = post("/v1/search/image?k=2&mpp=0.5", png(32, 32), "image/png");
  ASSERT_EQ(response->status, 200) << response->body;
  EXPECT_EQ(json_of(response)["returned"], 2);
}

TEST_F(HttpServer, TakesAPictureOfOnePixelAndRefusesOneThatIsTooLarge) {
  EXPECT_EQ(post("/v1/search/image", png(1, 1), "image/png")->status, 200);
  const auto large = post("/v1/search/image", png_header(20000, 20000), "image/png");
  EXPECT_EQ(large->status, 413);
  EXPECT_EQ(json_of(large)["code"], "too_large");
  EXPECT_EQ(post("/v1/search/image", png_header(0, 5), "image/png")->status, 400);
  EXPECT_EQ(post("/v1/search/image", png(9, 9).substr(0, 40), "image/png")->status, 400);
  EXPECT_EQ(post("/v1/search/image", "GIF89a............................", "image/png")->status,
            415);
  EXPECT_EQ(post("/v1/search/image", "", "image/png")->status, 415);
}

TEST_F(HttpServer, RanksTextsForAPatch) {
  const Json answer = json_of(
      post("/v1/rank", R"({"patch_id": "case1-s0~0_0_100", "texts": ["one", "two", "three"]})"));
  ASSERT_EQ(answer["ranking"].size(), 3U);
  EXPECT_GE(answer["ranking"][0]["similarity"].get<double>(),
            answer["ranking"][1]["similarity"].get<double>());
}

TEST_F(HttpServer, ClassifiesAPatchAndASlide) {
  const std::string classes =
      R"("templates": ["see CLASSNAME"], "classes": [{"name": "lung"}, {"name": "kidney"}])";
  for (const auto& [subject, vectors] : {std::pair{R"("patch_id": "case1-s0~0_0_100")", 1},
                                         std::pair{R"("slide_id": "case1-s0")", 10}}) {
    const auto response =
        post("/v1/classify", "{" + std::string(subject) + R"(, "top_j": 5, )" + classes + "}");
    ASSERT_EQ(response->status, 200) << response->body;
    const Json answer = json_of(response);
    ASSERT_EQ(answer["classes"].size(), 2U);
    const Json& best = answer["classes"][0];
    const Json& other = answer["classes"][1];
    EXPECT_GE(best["probability"].get<double>(), other["probability"].get<double>());
    EXPECT_NEAR(best["probability"].get<double>() + other["probability"].get<double>(), 1, 2e-6);
    EXPECT_TRUE(best["similarity_spread"].is_null());
    EXPECT_EQ(answer["ensembles"], 1);
    EXPECT_EQ(answer["vectors"], vectors);
    EXPECT_EQ(answer["pooled"], std::min(vectors, 5));
    EXPECT_EQ(answer["extent_um"], 50);
    EXPECT_EQ(answer["generation"], 7);
    EXPECT_NE(answer["notice"].get<std::string>().find("not a diagnosis"), std::string::npos);
    EXPECT_EQ(answer["request_id"], response->headers.at("x-request-id"));
  }
  const auto unknown = post("/v1/classify", R"({"slide_id": "x", )" + classes + "}");
  EXPECT_EQ(unknown->status, 404);
  EXPECT_EQ(json_of(unknown)["field"], "slide_id");
  const auto wrong = post("/v1/classify", R"({"slide_id": "x", "classes": [{"name": "a"}]})");
  EXPECT_EQ(wrong->status, 400);
  EXPECT_EQ(wrong->headers.at("content-type"), "application/problem+json");
  EXPECT_EQ(json_of(wrong)["limit"], "2..100");
}

TEST_F(HttpServer, ShowsPatchesSlidesAndReports) {
  const Json patch = json_of(get("/v1/patches/case0-s0~0_0_100"));
  EXPECT_EQ(patch["slide_id"], "case0-s0");
  EXPECT_EQ(patch["extent_um"], 50);
  EXPECT_EQ(json_of(get("/v1/reports/report1-0"))["case_id"], "case1");
  const Json slide = json_of(get("/v1/slides/case0-s0"));
  EXPECT_EQ(slide["width"], 1000);
  EXPECT_EQ(slide["fields"]["year"], 2000);
  const Json page = json_of(get("/v1/slides?limit=3&offset=9"));
  EXPECT_EQ(page["total"], 10);
  ASSERT_EQ(page["slides"].size(), 1U);
  EXPECT_EQ(page["slides"][0]["id"], "case4-s1");
  for (const char* target : {"/v1/patches/x", "/v1/patches/x/image", "/v1/slides/x",
                             "/v1/slides/x/thumbnail", "/v1/reports/x"}) {
    const auto response = get(target);
    EXPECT_EQ(response->status, 404) << target;
    EXPECT_EQ(json_of(response)["field"], "id") << target;
  }
}

TEST_F(HttpServer, NeverShowsAPath) {
  const std::string path = server_.folder.path().string();
  for (const char* target : {"/v1/slides", "/v1/slides/case0-s0", "/v1/patches/case0-s0~0_0_100",
                             "/v1/info", "/v1/fields"}) {
    EXPECT_EQ(get(target)->body.find(path), std::string::npos) << target;
  }
}

RgbImage picture_of(const std::optional<RawResponse>& response) {
  CLIPPATH_CHECK(response && response->status == 200);
  const std::vector<std::uint8_t> bytes(response->body.begin(), response->body.end());
  return decode_picture(bytes).value();
}

TEST_F(HttpServer, ServesThePatchPictureAsItWasRead) {
  const auto response = get("/v1/patches/case0-s0~100_0_100/image");
  EXPECT_EQ(response->headers.at("content-type"), "image/png");
  const RgbImage picture = picture_of(response);
  EXPECT_LE(picture.width, 299);
  EXPECT_EQ(picture.width, picture.height);
  EXPECT_NEAR(picture.row(0)[0], 100 / 4, 1);  // the gradient tells the level-0 x
  EXPECT_EQ(get("/v1/patches/case0-s1~0_0_100/image")->status, 404);  // without a file
}

TEST_F(HttpServer, ServesThumbnailsAndRegions) {
  const RgbImage thumbnail = picture_of(get("/v1/slides/case0-s0/thumbnail?max_px=100"));
  EXPECT_EQ(thumbnail.width, 100);
  EXPECT_EQ(thumbnail.height, 80);
  const RgbImage region =
      picture_of(get("/v1/slides/case0-s0/region?x=400&y=200&width=200&height=100&max_px=50"));
  EXPECT_EQ(region.width, 50);
  EXPECT_EQ(region.height, 25);
  EXPECT_NEAR(region.row(12)[25 * 3], 500 / 4, 8);
  EXPECT_EQ(get("/v1/slides/case0-s0/region?x=400&y=200&width=200")->status, 400);
  const auto outside = get("/v1/slides/case0-s0/region?x=1000&y=0&width=1&height=1");
  EXPECT_EQ(outside->status, 400);
  EXPECT_EQ(json_of(outside)["limit"], "0..999");
}

TEST_F(HttpServer, RefusesASlideFileThatChangedSinceIndexing) {
  write_text(server_.slide_file, "another slide under the same name");
  const auto response = get("/v1/slides/case0-s0/thumbnail");
  EXPECT_EQ(response->status, 409);
  EXPECT_EQ(json_of(response)["code"], "failed_precondition");
}

TEST_F(HttpServer, DescribesItself) {
  const Json info = json_of(get("/v1/info"));
  EXPECT_EQ(info["version"], "1.2.3");
  EXPECT_EQ(info["model"]["name"], "fake");
  EXPECT_EQ(info["model"]["demo"], false);
  EXPECT_EQ(info["model"]["encoder"], server_.encoder->info().id.value);
  EXPECT_EQ(info["counts"], Json({{"slides", 10}, {"patches", 100}, {"reports", 5}}));
  EXPECT_EQ(info["limits"]["k"], 200);
  const Json fields = json_of(get("/v1/fields"))["fields"];
  const bool has_organ = std::any_of(fields.begin(), fields.end(), [](const Json& field) {
    return field["name"] == "organ" && field["type"] == "text";
  });
  EXPECT_TRUE(has_organ) << fields;
  const auto openapi = get("/v1/openapi.yaml");
  EXPECT_EQ(openapi->headers.at("content-type"), "application/yaml");
  EXPECT_EQ(openapi->body.substr(0, 8), "openapi:");
}

TEST_F(HttpServer, DescribesAModelAsTheDocumentSays) {
  const Json info = json_of(get("/v1/info"));
  const std::string document = get("/v1/openapi.yaml")->body;
  EXPECT_EQ(keys_of(info), described_properties(document, "Info"));
  std::set<std::string> model = described_properties(document, "Model");
  EXPECT_EQ(keys_of(info["model"]), model);
  model.insert({"images", "texts", "patches"});
  EXPECT_EQ(keys_of(info["models"].at(0)), model);
}

TEST_F(HttpServer, ServesThePageWithItsOwnPolicyAndETag) {
  const auto page = get("/");
  ASSERT_EQ(page->status, 200);
  EXPECT_EQ(page->headers.at("content-type"), "text/html; charset=utf-8");
  EXPECT_NE(page->headers.at("content-security-policy").find("script-src 'self'"),
            std::string::npos);
  EXPECT_EQ(get("/app.js")->status, 200);
  RawClient client(server_.port());
  client.send("GET / HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: " + page->headers.at("etag") +
              "\r\n\r\n");
  const auto again = client.receive();
  EXPECT_EQ(again->status, 304);
  EXPECT_TRUE(again->body.empty());
}

TEST_F(HttpServer, SendsSecurityHeadersAndNoBanner) {
  for (const char* target : {"/livez", "/nothing", "/v1/slides/x"}) {
    const auto response = get(target);
    EXPECT_EQ(response->headers.at("x-content-type-options"), "nosniff") << target;
    EXPECT_EQ(response->headers.at("content-security-policy").substr(0, 18), "default-src 'none'");
    EXPECT_EQ(response->headers.count("server"), 0U);
    EXPECT_EQ(response->headers.count("access-control-allow-origin"), 0U);
  }
}

TEST_F(HttpServer, AnswersErrorsAsProblemJson) {
  struct Case {
    int status;
    std::optional<RawResponse> response;
  };
  RawClient no_length(server_.port());
  no_length.send(
      "POST /v1/search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\r\n");
  RawClient put(server_.port());
  put.send("PUT /v1/search HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
  RawClient garbage(server_.port());
  garbage.send("what is this\r\n\r\n");
  const Case cases[] = {
      {404, get("/nothing")},
      {405, put.receive()},
      {411, no_length.receive()},
      {413, post("/v1/search/image", std::string((8 << 20) + 1, 'x'), "image/png")},
      {414, get("/" + std::string(300, 'a'))},
      {415, post("/v1/search", "{}", "text/plain")},
      {400, post("/v1/search", "{\"query\": ")},
      {400, garbage.receive()},
  };
  for (const Case& one : cases) {
    ASSERT_TRUE(one.response) << one.status;
    EXPECT_EQ(one.response->status, one.status) << one.response->body;
    EXPECT_EQ(one.response->headers.at("content-type"), "application/problem+json");
    const Json problem = json_of(one.response);
    EXPECT_EQ(problem["status"], one.status);
    EXPECT_EQ(problem["request_id"].get<std::string>().size(), 16U);
  }
  EXPECT_EQ(cases[1].response->headers.at("allow"), "POST");
}

TEST_F(HttpServer, AnswersHeadWithoutABody) {
  RawClient client(server_.port());
  client.send("HEAD /v1/info HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const auto head = client.receive(true);
  EXPECT_EQ(head->status, 200);
  EXPECT_NE(head->headers.at("content-length"), "0");
  client.send("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(client.receive()->status, 200);
}

TEST_F(HttpServer, KeepsAConnectionUntilAnError) {
  RawClient client(server_.port());
  for (int i = 0; i < 3; ++i) {
    client.send("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(client.receive()->status, 200);
  }
  client.send("GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const auto error = client.receive();
  EXPECT_EQ(error->status, 404);
  EXPECT_EQ(error->headers.at("connection"), "close");
  EXPECT_TRUE(client.peer_closes());
}

TEST_F(HttpServer, AnswersPipelinedRequestsInTheirOrder) {
  RawClient client(server_.port());
  const std::string body = R"({"query": {"text": "a"}, "k": 1})";
  const std::string search =
      "POST /v1/search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Content-Length: " +
      std::to_string(body.size()) + "\r\n\r\n" + body;
  client.send(search + "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n" + search);
  EXPECT_TRUE(json_of(client.receive()).contains("hits"));
  EXPECT_EQ(json_of(client.receive())["status"], "alive");
  EXPECT_TRUE(json_of(client.receive()).contains("hits"));
}

TEST_F(HttpServer, LetsAClientAskBeforeItUploads) {
  RawClient accepted(server_.port());
  const std::string body = R"({"query": {"text": "a"}})";
  accepted.send(
      "POST /v1/search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Expect: 100-continue\r\nContent-Length: " +
      std::to_string(body.size()) + "\r\n\r\n");
  EXPECT_EQ(accepted.receive()->status, 100);
  accepted.send(body);
  EXPECT_EQ(accepted.receive()->status, 200);

  RawClient refused(server_.port());
  refused.send(
      "POST /v1/search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Expect: 100-continue\r\nContent-Length: 99999999\r\n\r\n");
  EXPECT_EQ(refused.receive()->status, 413);
  EXPECT_TRUE(refused.peer_closes());
}

}  // namespace
}  // namespace clippath::test
