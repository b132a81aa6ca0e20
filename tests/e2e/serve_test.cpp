// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <httplib.h>
#include <signal.h>

#include <fstream>

#include "clippath/core/pictures.h"
#include "core/json/json.h"
#include "tests/e2e/demo_folder.h"

namespace clippath::test {
namespace {

using ::testing::HasSubstr;

Json parsed(const std::string& text) {
  return parse_json(text, {1U << 24U}).value_or(Json::object());
}

class ServeProgram : public DemoFolder {
 protected:
  ServeProgram() {
    const auto port = server_.wait_for_port();
    EXPECT_TRUE(port.has_value()) << server_.err();
    client_ = std::make_unique<httplib::Client>("127.0.0.1", port.value_or(1));
    client_->set_keep_alive(true);
  }

  Json post(const std::string& target, const Json& body, int expected_status = 200) {
    const auto answer = client_->Post(target, to_text(body), "application/json");
    EXPECT_TRUE(answer) << target;
    if (!answer) return Json::object();
    EXPECT_EQ(answer->status, expected_status) << answer->body;
    return parsed(answer->body);
  }
  std::string get(const std::string& target, int expected_status = 200) {
    const auto answer = client_->Get(target);
    EXPECT_TRUE(answer) << target;
    if (!answer) return {};
    EXPECT_EQ(answer->status, expected_status) << target << answer->body.substr(0, 300);
    return answer->body;
  }
  int alive() {
    const auto answer = client_->Get("/livez");
    return answer ? answer->status : 0;
  }

  Program server_{{"serve", "--data", data(), "--listen", "127.0.0.1:0"}};
  std::unique_ptr<httplib::Client> client_;
};

TEST_F(ServeProgram, AnswersWordsWithPlaces) {
  const Json answer =
      post("/v1/search", {{"query", {{"text", "pancreatic ductal adenocarcinoma"}}}, {"k", 5}});
  ASSERT_EQ(answer["hits"].size(), 5U);
  const Json& hit = answer["hits"][0];
  for (const char* field :
       {"id", "kind", "similarity", "slide_id", "case_id", "rect", "caption", "image_url"})
    EXPECT_TRUE(hit.contains(field)) << field;
  EXPECT_EQ(answer["encoder"].get<std::string>().size(), 32U);
  EXPECT_TRUE(answer["took_ms"].contains("encode"));
}

TEST_F(ServeProgram, FindsASavedPatchAtRankOne) {
  for (const char* organ : {"breast", "pancreas", "lung"}) {
    const Json found = post(
        "/v1/search",
        {{"query", {{"text", "carcinoma"}}},
         {"k", 1},
         {"filter",
          {{"must",
            {{{"field", "organ"}, {"equals", organ}}, {{"field", "vendor"}, {"exists", true}}}}}}});
    ASSERT_EQ(found["hits"].size(), 1U);
    const std::string id = found["hits"][0]["id"];
    const std::string png = get(found["hits"][0]["image_url"]);
    const auto answer = client_->Post("/v1/search/image?k=3", png, "image/png");
    ASSERT_TRUE(answer);
    ASSERT_EQ(answer->status, 200) << answer->body;
    const Json hits = parsed(answer->body)["hits"];
    EXPECT_EQ(hits[0]["id"], id);
    EXPECT_GE(hits[0]["similarity"].get<double>(), 0.99);
  }
}

TEST_F(ServeProgram, RanksCaptionsForAPatch) {
  const Json found =
      post("/v1/search",
           {{"query", {{"text", "pancreatic ductal adenocarcinoma"}}},
            {"k", 1},
            {"filter", {{"must", {{{"field", "slide_id"}, {"equals", "pdac-HE1-2048"}}}}}}});
  const Json ranking = post(
      "/v1/rank",
      {{"patch_id", found["hits"][0]["id"]},
       {"texts", {"glioma of the brain", "pancreatic ductal adenocarcinoma", "normal spleen"}}});
  ASSERT_EQ(ranking["ranking"].size(), 3U);
  EXPECT_EQ(ranking["ranking"][0]["index"], 1);
}

TEST_F(ServeProgram, ShowsSlidesReportsFieldsAndItself) {
  const Json slides = parsed(get("/v1/slides?limit=3"));
  EXPECT_EQ(slides["slides"].size(), 3U);
  const auto thumbnail = get("/v1/slides/pdac-HE1-2048/thumbnail?max_px=256");
  EXPECT_EQ(
      decode_picture({reinterpret_cast<const std::uint8_t*>(thumbnail.data()), thumbnail.size()})
          .value()
          .width,
      256);
  const auto region =
      get("/v1/slides/pdac-HE1-2048/region?x=100&y=200&width=400&height=300&max_px=200");
  EXPECT_EQ(decode_picture({reinterpret_cast<const std::uint8_t*>(region.data()), region.size()})
                .value()
                .height,
            150);
  EXPECT_THAT(get("/v1/fields"), HasSubstr("organ"));
  EXPECT_TRUE(parsed(get("/v1/info"))["model"]["demo"].get<bool>());
  EXPECT_THAT(get("/v1/openapi.yaml"), HasSubstr("openapi: 3.1"));
  EXPECT_THAT(get("/"), HasSubstr("<!doctype html>"));
  get("/readyz");
  get("/v1/slides/nowhere", 404);
  get("/v1/nothing", 404);
}

TEST_F(ServeProgram, NamesTheFieldOfAWrongRequest) {
  EXPECT_EQ(post("/v1/search", {{"query", {{"text", "a"}}}, {"k", 201}}, 400)["field"], "k");
  EXPECT_EQ(post("/v1/search", {{"query", {{"text", "a"}}}, {"kk", 1}}, 400)["field"], "kk");
  const Json missing = post("/v1/search", {{"query", {{"patch_id", "nowhere~0_0_1"}}}}, 404);
  EXPECT_EQ(missing["code"], "not_found");
  EXPECT_TRUE(missing.contains("request_id"));
  const auto broken = client_->Post("/v1/search", "{\"query\":", "application/json");
  EXPECT_EQ(broken->status, 400);
  EXPECT_EQ(broken->get_header_value("Content-Type"), "application/problem+json");
  EXPECT_EQ(alive(), 200);
}

TEST_F(ServeProgram, RefusesHostilePicturesAndGoesOn) {
  const auto tiny = encode_png(RgbImage::filled(1, 1, 9, 9, 9));
  const auto tiny_answer =
      client_->Post("/v1/search/image", std::string(tiny.begin(), tiny.end()), "image/png");
  EXPECT_EQ(tiny_answer->status, 200) << tiny_answer->body;

  auto huge = encode_png(RgbImage::filled(1, 1, 9, 9, 9));
  const std::vector<std::uint8_t> side = {0, 0, 0x4E, 0x20};  // 20,000
  std::copy(side.begin(), side.end(), huge.begin() + 16);
  std::copy(side.begin(), side.end(), huge.begin() + 20);
  EXPECT_EQ(
      client_->Post("/v1/search/image", std::string(huge.begin(), huge.end()), "image/png")->status,
      413);
  EXPECT_EQ(client_->Post("/v1/search/image", "GIF89a", "image/png")->status, 415);
  EXPECT_EQ(client_->Post("/v1/search/image", std::string(9U << 20U, 'x'), "image/png")->status,
            413);
  EXPECT_EQ(alive(), 200);
}

TEST_F(ServeProgram, EndsCleanlyWhenAsked) {
  server_.send(SIGTERM);
  EXPECT_EQ(server_.wait(), 0) << server_.err();
}

TEST_F(ServeProgram, KeepsASecondProcessOut) {
  const Finished second = run({"serve", "--data", data(), "--listen", "127.0.0.1:0"});
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_THAT(second.err, HasSubstr("process"));
  EXPECT_EQ(alive(), 200);
}

TEST(ServeProgramAlone, RefusesAnAddressThatOthersReach) {
  const TempDir folder;
  const Finished refused =
      run({"serve", "--data", folder.path() / "data", "--listen", "0.0.0.0:0"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("--insecure-bind"));
}

TEST(ServeProgramAlone, StartsOnAnEmptyFolder) {
  const TempDir folder;
  Program server({"serve", "--data", folder.path() / "data", "--listen", "127.0.0.1:0"});
  const auto port = server.wait_for_port();
  ASSERT_TRUE(port.has_value()) << server.err();
  httplib::Client client("127.0.0.1", *port);
  const auto answer = client.Post("/v1/search", R"({"query":{"text":"a"}})", "application/json");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 409);
  EXPECT_EQ(parsed(answer->body)["code"], "no_model");
}

class DamagedIndex : public DemoFolder {};

TEST_F(DamagedIndex, IsRebuiltFromTheRecords) {
  const auto question = [] {
    return run({"search", "--data", data(), "--text", "carcinoma", "--json", "-k", "20"});
  };
  const Json before = parsed(question().out)["hits"];
  int damaged = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(data() + "/generations")) {
    if (entry.path().filename() != "vectors.faiss") continue;
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(entry.file_size() / 2));
    file.put('\x7f').put('\x01');
    ++damaged;
  }
  ASSERT_GE(damaged, 1);
  const Finished alone = question();
  EXPECT_EQ(parsed(alone.out)["hits"], before);
  EXPECT_THAT(alone.err, HasSubstr("SHA-256"));
  Program server({"serve", "--data", data(), "--listen", "127.0.0.1:0"});
  ASSERT_TRUE(server.wait_for_port().has_value()) << server.err();
  server.send(SIGTERM);
  EXPECT_EQ(server.wait(), 0);
  const Finished mended = question();
  EXPECT_EQ(parsed(mended.out)["hits"], before);
  EXPECT_EQ(mended.err.find("SHA-256"), std::string::npos);
}

}  // namespace
}  // namespace clippath::test
