// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "server/http/guards.h"
#include "server/http/http_message.h"
#include "server/http/server_context.h"

namespace clippath {

/// Runs the handler of an admitted request. Whatever goes wrong, an exception included, becomes
/// problem+json; nothing is thrown.
HttpResponse dispatch(const ServerContext& context, const HttpRequest& request, Admitted admitted,
                      const std::string& request_id);

/// Adds what every response carries: no sniffing, no embedding, nothing may be loaded (unless the
/// handler said otherwise), and the request id.
void add_common_headers(HttpResponse& response, const std::string& request_id);

/// Numbers requests; two runs of the server do not share ids. Thread-safe.
class RequestIds {
 public:
  RequestIds();
  std::string next();  ///< 16 hex digits

 private:
  const std::uint32_t run_;
  std::atomic<std::uint32_t> count_ = 0;
};

}  // namespace clippath
