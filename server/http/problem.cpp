// SPDX-License-Identifier: Apache-2.0
#include "server/http/problem.h"

#include <utility>

#include "clippath/core/log.h"
#include "core/json/json.h"

namespace clippath {
namespace {

constexpr std::size_t kMaxTextBytes = 512;

std::string shortened(const std::string& text) {
  return text.size() <= kMaxTextBytes ? text : text.substr(0, kMaxTextBytes) + "...";
}

bool concerns_only_us(ErrorKind kind) {
  return kind == ErrorKind::kInternal || kind == ErrorKind::kCorruption;
}

}  // namespace

Problem problem_of(Error error) {
  const int status = http_status(error.kind);
  return {status, std::move(error)};
}

Problem problem_of_status(int status) {
  switch (status) {
    case 400:
      return {400,
              {ErrorKind::kInvalidArgument,
               "the request line or a header cannot be understood, or the body ended too early"}};
    case 404: return {404, {ErrorKind::kNotFound, "no such route"}};
    case 413: return {413, {ErrorKind::kTooLarge, "the body is too large"}};
    case 414: return {414, {ErrorKind::kTooLarge, "the path or the query is too long"}};
    case 416: return {416, {ErrorKind::kInvalidArgument, "ranges are not served", "Range"}};
    case 431: return {431, {ErrorKind::kTooLarge, "the headers are too large"}};
    default: return {500, {ErrorKind::kInternal, "status " + std::to_string(status)}};
  }
}

std::string_view status_title(int status) {
  switch (status) {
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 507: return "Insufficient Storage";
    default: return "";
  }
}

HttpResponse problem_response(const Problem& problem, std::string_view request_id) {
  const Error& error = problem.error;
  std::string detail = shortened(error.message);
  if (concerns_only_us(error.kind)) {
    log(LogLevel::kError, "request " + std::string(request_id) + ": " + error.message);
    detail = "an error of the server; its log says more under this request_id";
  }
  Json body = {{"type", "about:blank"},
               {"title", status_title(problem.status)},
               {"status", problem.status},
               {"detail", detail},
               {"code", error.code.empty() ? std::string(to_string(error.kind)) : error.code}};
  if (!error.field.empty()) body["field"] = shortened(error.field);
  if (!error.limit.empty()) body["limit"] = shortened(error.limit);
  body["request_id"] = request_id;

  HttpResponse response{problem.status, "application/problem+json", to_text(body), {}};
  response.headers.push_back({"Cache-Control", "no-store"});
  if (!problem.allow.empty()) response.headers.push_back({"Allow", problem.allow});
  if (error.kind == ErrorKind::kUnavailable) response.headers.push_back({"Retry-After", "1"});
  return response;
}

}  // namespace clippath
