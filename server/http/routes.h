// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clippath/core/result.h"
#include "server/http/http_message.h"
#include "server/http/problem.h"
#include "server/http/target.h"

namespace clippath {

struct ServerContext;

/// One request on its way through a handler.
struct Call {
  const ServerContext& context;
  const HttpRequest& request;
  std::vector<std::string> ids;  ///< what stands in the route's `{...}` segments, in order
  Target target;
  std::string request_id;

  [[nodiscard]] const std::string* parameter(std::string_view name) const {
    return target.parameter(name);
  }
};

using Handler = Result<HttpResponse> (*)(const Call& call);

enum class BodyKind { kNone, kJson, kPicture };

struct Route {
  std::string_view method;   ///< GET (answers HEAD too) or POST
  std::string_view pattern;  ///< `/v1/patches/{id}/image`
  Handler handler = nullptr;
  std::vector<std::string_view> parameters = {};  ///< the query may hold these and no others
  BodyKind body = BodyKind::kNone;
  std::size_t max_body_bytes = 0;
};

/// Everything that this server answers, as in schemas/openapi.yaml.
std::span<const Route> routes();

/// A route with what its `{...}` segments hold.
struct RouteMatch {
  const Route* route = nullptr;
  std::vector<std::string> ids;
};

/// Finds the route of a method and a path. Fails: 404; 405 with the methods that the path has.
tl::expected<RouteMatch, Problem> find_route(std::string_view method, const Target& target);

}  // namespace clippath
