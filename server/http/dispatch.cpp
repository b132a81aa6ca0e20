// SPDX-License-Identifier: Apache-2.0
#include "server/http/dispatch.h"

#include <algorithm>
#include <exception>
#include <random>

#include "server/http/problem.h"

namespace clippath {
namespace {

std::string hex8(std::uint32_t value) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text(8, '0');
  for (std::size_t i = 8; i-- > 0; value >>= 4U) text[i] = kHex[value & 15U];
  return text;
}

Result<HttpResponse> run_handler(const Route& route, const Call& call) {
  try {
    return route.handler(call);
  } catch (const std::exception& error) {  // the last resort: bad_alloc, a broken promise
    return fail(ErrorKind::kInternal, std::string(route.pattern) + ": " + error.what());
  }
}

}  // namespace

HttpResponse dispatch(const ServerContext& context, const HttpRequest& request, Admitted admitted,
                      const std::string& request_id) {
  const Call call{context, request, std::move(admitted.match.ids), std::move(admitted.target),
                  request_id};
  auto response = run_handler(*admitted.match.route, call);
  if (response) return std::move(*response);
  return problem_response(problem_of(std::move(response.error())), request_id);
}

void add_common_headers(HttpResponse& response, const std::string& request_id) {
  const bool has_policy = std::any_of(
      response.headers.begin(), response.headers.end(),
      [](const HttpHeader& header) { return header.name == "Content-Security-Policy"; });
  if (!has_policy) {
    response.headers.push_back(
        {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"});
  }
  response.headers.push_back({"Accept-Ranges", "none"});
  response.headers.push_back({"X-Content-Type-Options", "nosniff"});
  response.headers.push_back({"Cross-Origin-Resource-Policy", "same-origin"});
  response.headers.push_back({"Referrer-Policy", "no-referrer"});
  response.headers.push_back({"X-Request-Id", request_id});
}

RequestIds::RequestIds() : run_(std::random_device{}()) {}

std::string RequestIds::next() { return hex8(run_) + hex8(count_++); }

}  // namespace clippath
