// SPDX-License-Identifier: Apache-2.0
#include "server/http/routes.h"

#include <algorithm>
#include <array>
#include <set>

#include "server/http/handlers/handlers.h"
#include "server/web/web_assets.h"

namespace clippath {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20U;

const std::array kRoutes = {
    Route{"POST", "/v1/search", &handle_search, {}, BodyKind::kJson, 12 * kMiB},
    Route{"POST",
          "/v1/search/image",
          &handle_search_image,
          {"in", "k", "mpp", "slide_id", "group_by", "group_size", "exclude", "min_similarity",
           "via", "filter", "encoder"},
          BodyKind::kPicture,
          8 * kMiB},
    Route{"POST", "/v1/rank", &handle_rank, {}, BodyKind::kJson, 12 * kMiB},
    Route{"POST", "/v1/classify", &handle_classify, {}, BodyKind::kJson, 12 * kMiB},
    Route{"GET", "/v1/patches/{id}", &handle_patch},
    Route{"GET", "/v1/patches/{id}/image", &handle_patch_image},
    Route{"GET", "/v1/reports/{id}", &handle_report},
    Route{"GET", "/v1/slides", &handle_slides, {"limit", "offset"}},
    Route{"GET", "/v1/slides/{id}", &handle_slide},
    Route{"GET", "/v1/slides/{id}/thumbnail", &handle_slide_thumbnail, {"max_px"}},
    Route{"GET",
          "/v1/slides/{id}/region",
          &handle_slide_region,
          {"x", "y", "width", "height", "max_px"}},
    Route{"GET", "/v1/fields", &handle_fields},
    Route{"GET", "/v1/info", &handle_info},
    Route{"GET", "/v1/openapi.yaml", &handle_openapi},
    Route{"GET", "/livez", &handle_livez},
    Route{"GET", "/readyz", &handle_readyz},
    Route{"GET", "/", &handle_page},
    Route{"GET", "/{asset}", &handle_page},
};

bool is_placeholder(std::string_view segment) { return !segment.empty() && segment[0] == '{'; }

/// The ids of a path that has this pattern, else nothing.
std::optional<std::vector<std::string>> match(std::string_view pattern,
                                              const std::vector<std::string>& segments) {
  std::vector<std::string> ids;
  std::size_t at = 0;
  for (std::size_t begin = 1; begin < pattern.size(); ++at) {
    const std::size_t end = std::min(pattern.find('/', begin), pattern.size());
    const std::string_view expected = pattern.substr(begin, end - begin);
    if (at == segments.size()) return std::nullopt;
    if (is_placeholder(expected)) {
      ids.push_back(segments[at]);
    } else if (expected != segments[at]) {
      return std::nullopt;
    }
    begin = end + 1;
  }
  if (at != segments.size()) return std::nullopt;
  return ids;
}

/// The page's files lie beside the API's first segments, and only those that exist are routes.
bool is_web_asset(const Target& target) {
  return target.segments.size() != 1 ||
         std::any_of(web_assets().begin(), web_assets().end(), [&](const WebAsset& asset) {
           return asset.path == "/" + target.segments.front();
         });
}

}  // namespace

std::span<const Route> routes() { return kRoutes; }

tl::expected<RouteMatch, Problem> find_route(std::string_view method, const Target& target) {
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  std::set<std::string> allowed;
  for (const Route& route : kRoutes) {
    auto ids = match(route.pattern, target.segments);
    if (!ids || (route.handler == &handle_page && !is_web_asset(target))) continue;
    if (route.method == wanted) return RouteMatch{&route, std::move(*ids)};
    allowed.insert(std::string(route.method));
    if (route.method == "GET") allowed.insert("HEAD");
  }
  if (allowed.empty()) {
    return tl::unexpected(
        problem_of({ErrorKind::kNotFound, "no such route; /v1/openapi.yaml lists them"}));
  }
  std::string allow;
  for (const std::string& one : allowed) allow += (allow.empty() ? "" : ", ") + one;
  Problem problem;
  problem.status = 405;
  problem.error = {ErrorKind::kUnsupported, "this path answers " + allow + " only", "method",
                   allow};
  problem.allow = allow;
  return tl::unexpected(std::move(problem));
}

}  // namespace clippath
