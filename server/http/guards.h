// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "server/http/http_message.h"
#include "server/http/problem.h"
#include "server/http/routes.h"

namespace clippath {

inline constexpr std::size_t kMaxHeaders = 64;
inline constexpr std::size_t kMaxHeaderBytes = 8192;  ///< of one line

/// Which names the `Host` header may hold.
struct HostPolicy {
  std::string bound_host;  ///< without port and brackets
  bool any = false;
};

/// A request that passed every guard, ready for its handler.
struct Admitted {
  RouteMatch match;
  Target target;
};

/// Decides on a request before a byte of its body is read. A pure function of the request. Each
/// guard stands against a hole of cpp-httplib 0.41.0 or against request smuggling; together they
/// leave one meaning to every request: one Host, a body of a stated length where the route has one
/// and none elsewhere, no transfer or content coding, no range, no upgrade, no byte that a log or a
/// proxy could read otherwise.
tl::expected<Admitted, Problem> admit(const HttpRequest& request, const HostPolicy& hosts);

}  // namespace clippath
