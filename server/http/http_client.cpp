// SPDX-License-Identifier: Apache-2.0
#include "server/http/http_client.h"

#include <httplib.h>

namespace clippath {

struct HttpClient::Connection {
  explicit Connection(int port) : client("127.0.0.1", port) {
    client.set_keep_alive(true);
    client.set_tcp_nodelay(true);
  }
  httplib::Client client;
};

HttpClient::HttpClient(int port) : connection_(std::make_unique<Connection>(port)) {}
HttpClient::~HttpClient() = default;

namespace {

Result<HttpClient::Answer> answer_of(const httplib::Result& result) {
  if (!result)
    return fail(ErrorKind::kUnavailable,
                "no answer from the server: " + httplib::to_string(result.error()));
  return HttpClient::Answer{result->status, result->body};
}

}  // namespace

Result<HttpClient::Answer> HttpClient::get(const std::string& target) {
  return answer_of(connection_->client.Get(target));
}

Result<HttpClient::Answer> HttpClient::post_json(const std::string& target,
                                                 const std::string& body) {
  return answer_of(connection_->client.Post(target, body, "application/json"));
}

}  // namespace clippath
