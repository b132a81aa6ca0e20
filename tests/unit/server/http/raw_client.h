// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/json/json.h"

namespace clippath::test {

struct RawResponse {
  int status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
};

/// One connection to 127.0.0.1, on which a test may send what no HTTP library would.
class RawClient {
 public:
  explicit RawClient(int port);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  /// Sends what the peer takes; a peer that has closed is no error.
  void send(std::string_view bytes);
  void end_sending();  ///< half-closes
  /// The next response, or empty when the peer closes, or is silent for 10 s.
  std::optional<RawResponse> receive(bool of_head_request = false);
  /// True if the peer closes within 10 s without another byte.
  bool peer_closes();

 private:
  bool fill();  ///< reads more into received_; false at the end

  int socket_;
  std::string received_;
};

/// A whole exchange on its own connection. Empty when there is no answer.
std::optional<RawResponse> get(int port, const std::string& target);
std::optional<RawResponse> post(int port, const std::string& target, std::string_view body,
                                const std::string& content_type = "application/json");

/// The body of a response that there is.
Json json_of(const std::optional<RawResponse>& response);

}  // namespace clippath::test
