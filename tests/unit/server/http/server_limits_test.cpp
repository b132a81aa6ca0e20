// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "core/json/json.h"
#include "tests/unit/server/http/raw_client.h"
#include "tests/unit/server/http/test_server.h"

namespace clippath::test {
namespace {

TEST(HttpServerLimits, FullQueueIsAnswered503WithRetryAfter) {
  TestServer server({.search_threads = 1});
  server.encoder->hold();
  std::atomic<int> refused = 0;
  std::atomic<int> answered = 0;
  const auto ask = [&] {
    const auto response = post(server.port(), "/v1/search", R"({"query": {"text": "a"}})");
    ASSERT_TRUE(response);
    if (response->status == 200) {
      ++answered;
      return;
    }
    EXPECT_EQ(response->status, 503);
    EXPECT_EQ(response->headers.at("retry-after"), "1");
    ++refused;
    refused.notify_all();
  };
  // One runs and four wait; the other three are refused at once, and free the test to go on.
  std::vector<std::thread> clients;
  clients.emplace_back(ask);
  server.encoder->wait_for_a_caller();
  for (int i = 0; i < 7; ++i) clients.emplace_back(ask);
  for (int seen = 0; (seen = refused) < 3;) refused.wait(seen);
  EXPECT_EQ(get(server.port(), "/livez")->status, 200);
  server.encoder->release();
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(refused, 3);
  EXPECT_EQ(answered, 5);
}

TEST(HttpServerLimits, EncodesNothingForAClientThatHungUp) {
  TestServer server({.search_threads = 2, .with_queue = true});
  server.encoder->hold();
  std::thread first([&] {
    EXPECT_EQ(post(server.port(), "/v1/search", R"({"query": {"text": "first"}})")->status, 200);
  });
  server.encoder->wait_for_a_caller();
  {
    RawClient second(server.port());
    const std::string body = R"({"query": {"text": "second"}})";
    second.send(
        "POST /v1/search HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n" +
        std::string("Content-Length: ") + std::to_string(body.size()) + "\r\n\r\n" + body);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));  // it waits for the encoder
  }
  // Needs no encoder, but the search thread that the second one held.
  const auto third =
      post(server.port(), "/v1/search", R"({"query": {"patch_id": "case0-s0~0_0_100"}})");
  EXPECT_EQ(third->status, 200);
  server.encoder->release();
  first.join();
  EXPECT_EQ(server.encoder->texts(), std::set<std::string>{"first"});
}

TEST(HttpServerLimits, WithoutAModelOnlyIdsAreAnswered) {
  TestServer server({.with_encoder = false});
  const auto text = post(server.port(), "/v1/search", R"({"query": {"text": "a"}})");
  EXPECT_EQ(text->status, 409);
  EXPECT_EQ(json_of(text)["code"], "no_model");
  const auto patch =
      post(server.port(), "/v1/search", R"({"query": {"patch_id": "case0-s0~0_0_100"}})");
  EXPECT_EQ(patch->status, 200);
  const auto ready = get(server.port(), "/readyz");
  EXPECT_EQ(ready->status, 200);
  EXPECT_EQ(json_of(ready)["status"], "degraded");
}

TEST(Readyz, SaysWhetherTheEncoderAnswers) {
  TestServer working;
  EXPECT_EQ(json_of(get(working.port(), "/readyz")),
            Json({{"status", "ready"}, {"reasons", Json::array()}}));
  TestServer broken;
  broken.encoder->fail_from_now_on();
  const auto response = get(broken.port(), "/readyz");
  EXPECT_EQ(response->status, 503);
  EXPECT_EQ(json_of(response)["status"], "not_ready");
  EXPECT_EQ(get(broken.port(), "/livez")->status, 200);
}

TEST(ServerStart, RefusesOtherAddressesWithoutInsecureBind) {
  ServerOptions options;
  options.listen = "0.0.0.0:0";
  const auto refused = check_listen_address(options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kInvalidArgument);
  EXPECT_NE(refused.error().message.find("--insecure-bind"), std::string::npos);
  options.insecure_bind = true;
  EXPECT_TRUE(check_listen_address(options));
}

TEST(ServerStart, SaysThatAPortIsTaken) {
  TestServer first;
  ServerOptions options;
  options.listen = "127.0.0.1:" + std::to_string(first.port());
  const auto engine = std::make_shared<const QueryEngine>(std::make_shared<Snapshot>(), nullptr);
  const auto second = Server::start(
      options,
      std::make_shared<const QueryEngines>(std::vector<QueryEngines::Member>{{{}, engine}}),
      [](const auto&) { return Result<std::shared_ptr<const SlideReader>>(make_gradient_slide()); },
      &decode_picture);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::kUnavailable);
}

TEST(ServerStop, EndsWhatRunsAndTakesNoMore) {
  TestServer server;
  server.encoder->hold();
  std::optional<RawResponse> response;
  std::thread client(
      [&] { response = post(server.port(), "/v1/search", R"({"query": {"text": "a"}})"); });
  server.encoder->wait_for_a_caller();
  std::thread stopper([&] { server.server->stop(); });
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  server.encoder->release();
  client.join();
  stopper.join();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
}

}  // namespace
}  // namespace clippath::test
