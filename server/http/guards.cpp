// SPDX-License-Identifier: Apache-2.0
#include "server/http/guards.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace clippath {
namespace {

using Refusal = std::optional<Problem>;

Problem refuse(int status, ErrorKind kind, std::string field, const std::string& message,
               std::string limit = {}) {
  const std::string text = field + ": " + message;
  return {status, {kind, text, std::move(field), std::move(limit)}};
}

Problem malformed(std::string field, const std::string& message) {
  return refuse(400, ErrorKind::kInvalidArgument, std::move(field), message);
}

Refusal check_sizes(const HttpRequest& request) {
  const std::size_t path_bytes = std::min(request.target.find('?'), request.target.size());
  if (path_bytes > kMaxPathBytes) {
    return refuse(414, ErrorKind::kTooLarge, "path", "longer than 256 bytes", "256 bytes");
  }
  if (request.target.size() > kMaxTargetBytes) {
    return refuse(414, ErrorKind::kTooLarge, "query", "longer than 8192 bytes", "8192 bytes");
  }
  if (request.headers.size() > kMaxHeaders) {
    return refuse(431, ErrorKind::kTooLarge, "headers", "more than 64", "64");
  }
  for (const HttpHeader& header : request.headers) {
    if (header.name.size() + header.value.size() > kMaxHeaderBytes) {
      return refuse(431, ErrorKind::kTooLarge, "headers", "one is longer than 8192 bytes",
                    "8192 bytes");
    }
  }
  return std::nullopt;
}

bool has_control_byte(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<std::uint8_t>(c);
    return byte < 0x20 || byte == 0x7F;
  });
}

Refusal check_headers(const HttpRequest& request) {
  // The library decodes %0D%0A in header values after it looked for such bytes, so they are looked
  // for again here.
  for (const HttpHeader& header : request.headers) {
    if (has_control_byte(header.value)) {
      return malformed("headers", "control characters are not allowed");
    }
  }
  for (const char* once : {"Host", "Content-Length", "Content-Type"}) {
    if (request.count(once) > 1) return malformed(once, "stands there more than once");
  }
  if (request.count("Transfer-Encoding") > 0) {
    return malformed("Transfer-Encoding", "is not accepted; send Content-Length");
  }
  if (request.count("Content-Encoding") > 0) {
    return refuse(415, ErrorKind::kUnsupported, "Content-Encoding",
                  "compressed bodies are not read; send the body as it is");
  }
  if (request.count("Range") > 0) return malformed("Range", "ranges are not served");
  if (request.count("Upgrade") > 0) return malformed("Upgrade", "only HTTP/1.1 is spoken here");
  if (const std::string* expect = request.header("Expect");
      expect != nullptr && *expect != "100-continue") {
    return refuse(417, ErrorKind::kUnsupported, "Expect", "only 100-continue is understood");
  }
  return std::nullopt;
}

/// `name`, `name:port`, `[::1]`, `[::1]:port` to the name; empty where it is none of these.
std::string host_name(std::string_view host) {
  std::size_t end = host.find(':');
  std::string_view name;
  if (host.starts_with('[')) {
    const std::size_t bracket = host.find(']');
    if (bracket == std::string_view::npos) return {};
    name = host.substr(1, bracket - 1);
    end = bracket + 1;
  } else {
    end = std::min(end, host.size());
    name = host.substr(0, end);
  }
  const std::string_view rest = host.substr(end);
  const bool port = rest.size() > 1 && rest.size() <= 6 && rest[0] == ':' &&
                    rest.find_first_not_of("0123456789", 1) == std::string_view::npos;
  return rest.empty() || port ? std::string(name) : std::string();
}

/// A page of another site that resolves its name to this machine sends that name here (DNS
/// rebinding), so only our own names are answered.
Refusal check_host(const HttpRequest& request, const HostPolicy& policy) {
  const std::string* host = request.header("Host");
  const std::string name = host == nullptr ? std::string() : host_name(*host);
  if (name.empty()) return malformed("Host", "is missing or malformed");
  if (policy.any) return std::nullopt;
  const std::array<std::string_view, 4> known{"localhost", "127.0.0.1", "::1", policy.bound_host};
  const bool ours = std::any_of(known.begin(), known.end(), [&](std::string_view one) {
    return equal_ignoring_case(one, name);
  });
  if (ours) return std::nullopt;
  return malformed("Host", "is not a name of this server; use localhost");
}

Refusal check_parameters(const Route& route, const Target& target) {
  for (const auto& [name, value] : target.parameters) {
    if (std::find(route.parameters.begin(), route.parameters.end(), name) !=
        route.parameters.end()) {
      continue;
    }
    std::string known;
    for (std::string_view one : route.parameters) {
      known += (known.empty() ? "" : ", ") + std::string(one);
    }
    return refuse(400, ErrorKind::kInvalidArgument, name,
                  "no such parameter here; known are " + (known.empty() ? "none" : known), known);
  }
  return std::nullopt;
}

bool accepts_media_type(BodyKind kind, const std::string* content_type) {
  if (content_type == nullptr) return false;
  const std::string_view whole = *content_type;
  std::string_view type = whole.substr(0, whole.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  if (kind == BodyKind::kJson) return equal_ignoring_case(type, "application/json");
  return equal_ignoring_case(type, "image/png") || equal_ignoring_case(type, "image/jpeg") ||
         equal_ignoring_case(type, "application/octet-stream");
}

Refusal check_body(const HttpRequest& request, const Route& route) {
  const std::string* length_text = request.header("Content-Length");
  std::uint64_t length = 0;
  if (length_text != nullptr) {
    const char* end = length_text->data() + length_text->size();
    const auto [rest, error] = std::from_chars(length_text->data(), end, length);
    if (error != std::errc() || rest != end || length_text->empty()) {
      return malformed("Content-Length", "must be a whole number");
    }
  }
  if (route.body == BodyKind::kNone) {
    return length == 0 ? std::nullopt : Refusal(malformed("body", "this route takes none"));
  }
  if (length_text == nullptr) {
    return refuse(411, ErrorKind::kInvalidArgument, "Content-Length", "is required");
  }
  if (length > route.max_body_bytes) {
    const std::string limit = std::to_string(route.max_body_bytes) + " bytes";
    return refuse(413, ErrorKind::kTooLarge, "body", "at most " + limit, limit);
  }
  if (!accepts_media_type(route.body, request.header("Content-Type"))) {
    const std::string wanted =
        route.body == BodyKind::kJson ? "application/json" : "image/png, image/jpeg";
    return refuse(415, ErrorKind::kUnsupported, "Content-Type", "must be " + wanted, wanted);
  }
  return std::nullopt;
}

}  // namespace

tl::expected<Admitted, Problem> admit(const HttpRequest& request, const HostPolicy& hosts) {
  if (auto refusal = check_sizes(request)) return tl::unexpected(std::move(*refusal));
  if (auto refusal = check_headers(request)) return tl::unexpected(std::move(*refusal));
  if (auto refusal = check_host(request, hosts)) return tl::unexpected(std::move(*refusal));
  auto target = parse_target(request.target);
  if (!target) return tl::unexpected(problem_of(std::move(target.error())));
  auto match = find_route(request.method, *target);
  if (!match) return tl::unexpected(std::move(match.error()));
  if (auto refusal = check_parameters(*match->route, *target)) {
    return tl::unexpected(std::move(*refusal));
  }
  if (auto refusal = check_body(request, *match->route)) return tl::unexpected(std::move(*refusal));
  return Admitted{std::move(*match), std::move(*target)};
}

}  // namespace clippath
