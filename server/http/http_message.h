// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace clippath {

struct HttpHeader {
  std::string name;
  std::string value;
};

/// One request as it came, nothing decoded. The body is a view that lives as long as the call.
struct HttpRequest {
  std::string method;
  std::string target;  ///< path and query, percent-encoded
  std::vector<HttpHeader> headers;
  std::string_view body;
  /// Whether the client has hung up; null where nobody knows. Asked only during the call.
  std::function<bool()> client_gone;

  /// The first header of this name, in any case; null when there is none.
  [[nodiscard]] const std::string* header(std::string_view name) const;
  [[nodiscard]] std::size_t count(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  std::string content_type;
  std::string body;
  std::vector<HttpHeader> headers;
};

/// ASCII letters only, as header names and media types are compared.
bool equal_ignoring_case(std::string_view a, std::string_view b);

}  // namespace clippath
