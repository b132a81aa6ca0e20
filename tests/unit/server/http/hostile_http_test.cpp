// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <unistd.h>

#include <chrono>
#include <ctime>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "core/json/json.h"
#include "tests/unit/server/http/raw_client.h"
#include "tests/unit/server/http/sanitizers.h"
#include "tests/unit/server/http/test_server.h"

namespace clippath::test {
namespace {

/// Sends bytes and the end of them, and reads all answers. None may blame the server.
void expect_no_server_error(int port, const std::string& bytes, const std::string& what) {
  RawClient client(port);
  client.send(bytes);
  client.end_sending();
  while (const auto response = client.receive()) {
    EXPECT_GE(response->status, 100) << what;
    EXPECT_LT(response->status, 500) << what << response->body;
  }
}

void expect_valid_probe(int port, const std::string& after) {
  const auto begin = std::chrono::steady_clock::now();
  const auto probe = get(port, "/livez");
  ASSERT_TRUE(probe) << after;
  EXPECT_EQ(probe->status, 200) << after;
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2)) << after;
}

std::size_t resident_bytes() {
  std::size_t pages = 0;
  std::size_t resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

template <std::size_t size>
std::string with_nul(const char (&text)[size]) {
  return {text, size - 1};
}

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

std::vector<std::string> malformed_requests() {
  const std::string host = "Host: localhost\r\n";
  const std::string json = "Content-Type: application/json\r\n";
  const std::string search = "POST /v1/search HTTP/1.1\r\n" + host + json;
  std::vector<std::string> requests{
      "",
      "\r\n\r\n",
      "\n\n",
      "GET",
      "GET /livez\r\n\r\n",
      "GET /livez HTTP/2.0\r\n\r\n",
      "get /livez HTTP/1.1\r\n" + host + "\r\n",
      "BREW /livez HTTP/1.1\r\n" + host + "\r\n",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "GET  /livez HTTP/1.1\r\n" + host + "\r\n",
      "GET /livez HTTP/1.1\n" + host + "\n",
      "OPTIONS * HTTP/1.1\r\n" + host + "\r\n",
      "CONNECT localhost:1 HTTP/1.1\r\n" + host + "\r\n",
      "TRACE / HTTP/1.1\r\n" + host + "\r\n",
      "GET http://localhost/livez HTTP/1.1\r\n" + host + "\r\n",
      "GET /livez HTTP/1.1\r\n\r\n",
      "GET /livez HTTP/1.1\r\nHost\r\n\r\n",
      "GET /livez HTTP/1.1\r\nHost : localhost\r\n\r\n",
      "GET /livez HTTP/1.1\r\n Host: localhost\r\n\r\n",
      "GET /livez HTTP/1.1\r\n" + host + " folded: x\r\n\r\n",
      "GET /livez HTTP/1.1\r\n" + host + host + "\r\n",
      "GET /livez HTTP/1.1\r\n" + host + "X: %0D%0AHost: evil\r\n\r\n",
      "GET /livez HTTP/1.1\r\n" + host + "Range: bytes=0-0\r\n\r\n",
      "GET /livez HTTP/1.1\r\n" + host + "Range: bytes=" + repeated("0-0,", 1900) + "0-0\r\n\r\n",
      "GET /livez HTTP/1.1\r\n" + host + "Accept: ;;q=z,,\r\n\r\n",
      "GET /livez HTTP/1.1\r\n" + host + "X-Forwarded-For:\r\n\r\n",
      "GET /livez HTTP/1.1\r\n" + host +
          "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n\r\n",
      "GET / HTTP/1.1\r\n" + host +
          "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
      "GET /" + std::string(8000, 'a') + " HTTP/1.1\r\n" + host + "\r\n",
      "GET /" + std::string(20000, 'a') + " HTTP/1.1\r\n" + host + "\r\n",
      "GET /" + std::string(200000, 'a') + " HTTP/1.1\r\n" + host + "\r\n",
      "GET /v1/slides?" + repeated("limit=1&", 500) + " HTTP/1.1\r\n" + host + "\r\n",
      "GET /livez HTTP/1.1\r\n" + host + "X: " + std::string(10000, 'x') + "\r\n\r\n",
      "GET /livez HTTP/1.1\r\n" + host + "X: " + std::string(40000, 'x') + "\r\n\r\n",
      "GET /livez HTTP/1.1\r\n" + host + repeated("X: y\r\n", 100) + "\r\n",
      "GET /livez HTTP/1.1\r\n" + host + repeated("X: y\r\n", 100'000) + "\r\n",
      std::string(std::size_t{4} << 20U, 'A'),
      "GET /livez HTTP/1.1\r\n" + host + "Content-Length: 5\r\n\r\nhello",
      search + "\r\n{}",
      search + "Content-Length: 10\r\n\r\n{}",
      search + "Content-Length: -1\r\n\r\n{}",
      search + "Content-Length: 2, 2\r\n\r\n{}",
      search + "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
      search + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
      search + "Content-Length: 18446744073709551618\r\n\r\n{}",
      search + "Content-Length: 99999999999\r\n\r\n{}",
      search + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
      search + "Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n",
      search + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n{}\r\n",
      search + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      search + "Transfer-Encoding: \tchunked\r\nContent-Length: 2\r\n\r\n{}",
      search + "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
      search + "Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08",
      search + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
      search + "Expect: 200-ok\r\nContent-Length: 2\r\n\r\n{}",
      "POST /v1/search HTTP/1.1\r\n" + host +
          "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 3\r\n\r\n--x",
      "POST /v1/search HTTP/1.1\r\n" + host +
          "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n\r\na=b",
      search + "Content-Length: 2\r\n\r\n{}GET /livez HTTP/1.1\r\n" + host + "\r\n",
      "GARBAGE\r\n\r\nGET /livez HTTP/1.1\r\n" + host + "\r\n",
      repeated("GET /livez HTTP/1.1\r\n" + host + "\r\n", 120),
  };
  requests.push_back(with_nul("GET /li\0vez HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  requests.push_back(with_nul("GET /livez HTTP/1.1\r\nHost: local\0host\r\n\r\n"));
  return requests;
}

/// A valid request with a few bytes changed, taken out or put in.
std::string damaged_request(unsigned seed) {
  std::mt19937 random(seed);
  const std::string body = R"({"query": {"text": "tumour"}, "k": 3})";
  std::string bytes = seed % 2 == 0 ? "GET /v1/slides?limit=2 HTTP/1.1\r\nHost: localhost\r\n\r\n"
                                    : "POST /v1/search HTTP/1.1\r\nHost: localhost\r\n"
                                      "Content-Type: application/json\r\nContent-Length: " +
                                          std::to_string(body.size()) + "\r\n\r\n" + body;
  for (unsigned i = 0; i < 1 + random() % 4; ++i) {
    const std::size_t at = random() % bytes.size();
    switch (random() % 3) {
      case 0: bytes[at] = static_cast<char>(random()); break;
      case 1: bytes.erase(at, 1 + random() % 3); break;
      default: bytes.insert(at, 1, static_cast<char>(random())); break;
    }
  }
  return bytes;
}

TEST(HostileHttp, MalformedRequestsNeverHurtTheServer) {
  TestServer server;
  const std::size_t before = resident_bytes();
  const auto requests = malformed_requests();
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const std::string what = "request " + std::to_string(i) + " " + requests[i].substr(0, 80);
    expect_no_server_error(server.port(), requests[i], what);
    expect_valid_probe(server.port(), what);
  }
  if (kFiguresCount) {
    EXPECT_LT(resident_bytes(), before + (std::size_t{64} << 20U));
  }
}

TEST(HostileHttp, DamagedRequestsNeverHurtTheServer) {
  TestServer server;
  for (unsigned seed = 0; seed < 400; ++seed) {
    const std::string what = "seed " + std::to_string(seed) + " ";
    expect_no_server_error(server.port(), damaged_request(seed), what);
    if (seed % 10 == 0) expect_valid_probe(server.port(), what);
  }
}

TEST(HostileHttp, NothingAfterARefusedRequestIsTakenForARequest) {
  TestServer server;
  const std::string smuggled = "GET /v1/info HTTP/1.1\r\nHost: localhost\r\n\r\n";
  for (const char* head :
       {"POST /v1/search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\r\n",
        "POST /v1/search HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: "
        "chunked\r\n\r\n0\r\n\r\n",
        "POST /v1/search HTTP/1.1\r\nHost: evil\r\nContent-Length: 2\r\n\r\n{}",
        "GARBAGE\r\n\r\n"}) {
    RawClient client(server.port());
    client.send(std::string(head) + smuggled);
    client.end_sending();
    const auto first = client.receive();
    ASSERT_TRUE(first) << head;
    EXPECT_GE(first->status, 400) << head;
    EXPECT_FALSE(client.receive()) << head;
  }
}

std::vector<std::string> hostile_json() {
  std::vector<std::string> bodies{
      "",
      " ",
      "{",
      "}",
      "null",
      "[]",
      "1",
      "\"a\"",
      "{\"query\"}",
      "{\"query\": {\"text\": \"a\"}} x",
      "{\"query\": {\"text\": \"a\"},}",
      "{'query': 1}",
      "{\"query\": {\"text\": \"a\"} /* c */}",
      "{\"query\": {\"text\": \"a\"}, \"k\": 1, \"k\": 2}",
      "{\"k\": 1e400}",
      "{\"k\": NaN}",
      "{\"k\": Infinity}",
      "{\"k\": 01}",
      "{\"k\": +1}",
      "{\"k\": .5}",
      "{\"k\": 0x1}",
      "{\"query\": {\"text\": \"\\ud800\"}}",
      "{\"query\": {\"text\": \"\\udc00\\ud800\"}}",
      "{\"query\": {\"text\": \"\\u12\"}}",
      "{\"query\": {\"text\": \"\xff\"}}",
      "{\"query\": {\"text\": \"\xc0\xaf\"}}",
      "{\"query\": {\"text\": \"\xed\xa0\x80\"}}",
      "{\"query\": {\"text\": \"a\nb\"}}",
      "\xef\xbb\xbf{\"query\": {\"text\": \"a\"}, \"k\": 0}",
      repeated("[", 100'000),
      repeated("{\"a\":", 100'000),
      repeated("[", 100'000) + repeated("]", 100'000),
      "{\"query\": {\"text\": \"a\"}, \"" + std::string(100'000, 'k') + "\": 1}",
      "{\"query\": [" + repeated("{},", 200'000) + "{}]}",
  };
  bodies.push_back(with_nul("{\"query\": {\"text\": \"a\0b\"}}"));
  std::string keys = "{\"query\": {\"text\": \"a\"}";
  for (int i = 0; i < 10'000; ++i) keys += ",\"k" + std::to_string(i) + "\":1";
  bodies.push_back(keys + "}");
  return bodies;
}

TEST(HostileJson, IsAnswered400Within50Milliseconds) {
  TestServer server;
  for (const std::string& body : hostile_json()) {
    const std::string what = body.substr(0, 60);
    // Time of the processor, client and server together: the machine may have other things to do.
    const std::clock_t begin = std::clock();
    const auto response = post(server.port(), "/v1/search", body);
    const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    ASSERT_TRUE(response) << what;
    EXPECT_EQ(response->status, 400) << what << response->body;
    EXPECT_EQ(json_of(response)["code"], "invalid_argument") << what;
    if (kFiguresCount) {
      EXPECT_LT(seconds, 0.050) << what;
    }
  }
}

}  // namespace
}  // namespace clippath::test
