// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "clippath/core/result.h"

namespace clippath {

/// A kept-alive connection to a clippath server on this machine, for benchmarks and tests. One
/// thread at a time.
class HttpClient {
 public:
  explicit HttpClient(int port);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  struct Answer {
    int status = 0;
    std::string body;
  };

  /// Fails: kUnavailable if there is no answer.
  Result<Answer> get(const std::string& target);
  Result<Answer> post_json(const std::string& target, const std::string& body);

 private:
  struct Connection;
  std::unique_ptr<Connection> connection_;
};

}  // namespace clippath
