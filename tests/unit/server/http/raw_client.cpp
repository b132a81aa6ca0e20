// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/server/http/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "clippath/core/check.h"

namespace clippath::test {
namespace {

RawResponse parse_head(std::string_view head) {
  RawResponse response;
  std::size_t begin = head.find("\r\n");
  std::from_chars(head.data() + 9, head.data() + 12, response.status);
  while (begin != std::string_view::npos && begin + 2 < head.size()) {
    const std::size_t end = std::min(head.find("\r\n", begin + 2), head.size());
    const std::string_view line = head.substr(begin + 2, end - begin - 2);
    const std::size_t colon = line.find(": ");
    if (colon != std::string_view::npos) {
      std::string name(line.substr(0, colon));
      for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
      response.headers[name] = line.substr(colon + 2);
    }
    begin = end;
  }
  return response;
}

}  // namespace

RawClient::RawClient(int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  const timeval patience{10, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CLIPPATH_CHECK(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
                 0);
}

RawClient::~RawClient() { ::close(socket_); }

void RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void RawClient::end_sending() { ::shutdown(socket_, SHUT_WR); }

bool RawClient::fill() {
  std::array<char, 65536> buffer{};
  const ssize_t n = ::recv(socket_, buffer.data(), buffer.size(), 0);
  if (n <= 0) return false;
  received_.append(buffer.data(), static_cast<std::size_t>(n));
  return true;
}

std::optional<RawResponse> RawClient::receive(bool of_head_request) {
  std::size_t head_end = 0;
  while ((head_end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!fill()) return std::nullopt;
  }
  RawResponse response = parse_head(std::string_view(received_).substr(0, head_end));
  received_.erase(0, head_end + 4);
  std::size_t length = 0;
  const std::string& text = response.headers["content-length"];
  std::from_chars(text.data(), text.data() + text.size(), length);
  if (of_head_request) return response;
  while (received_.size() < length) {
    if (!fill()) return std::nullopt;
  }
  response.body = received_.substr(0, length);
  received_.erase(0, length);
  return response;
}

bool RawClient::peer_closes() {
  if (!received_.empty()) return false;
  char byte = 0;
  return ::recv(socket_, &byte, 1, 0) == 0;
}

std::optional<RawResponse> get(int port, const std::string& target) {
  RawClient client(port);
  client.send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  return client.receive();
}

std::optional<RawResponse> post(int port, const std::string& target, std::string_view body,
                                const std::string& content_type) {
  RawClient client(port);
  client.send("POST " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" +
              "Content-Type: " + content_type +
              "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n");
  client.send(body);
  return client.receive();
}

Json json_of(const std::optional<RawResponse>& response) {
  CLIPPATH_CHECK(response.has_value());
  return parse_json(response->body).value();
}

}  // namespace clippath::test
