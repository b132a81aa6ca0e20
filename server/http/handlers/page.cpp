// SPDX-License-Identifier: Apache-2.0
#include "server/http/handlers/handlers.h"
#include "server/http/server_context.h"
#include "server/web/web_assets.h"

namespace clippath {
namespace {

constexpr const char* kPagePolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

}  // namespace

Result<HttpResponse> handle_page(const Call& call) {
  const std::string path = call.target.segments.empty() ? "/" : "/" + call.target.segments.front();
  for (const WebAsset& asset : web_assets()) {
    if (asset.path != path) continue;
    const std::string etag(asset.etag);
    HttpResponse response{200, std::string(asset.content_type), std::string(asset.bytes), {}};
    response.headers = {
        {"ETag", etag}, {"Cache-Control", "no-cache"}, {"Content-Security-Policy", kPagePolicy}};
    const std::string* known = call.request.header("If-None-Match");
    if (known != nullptr && known->find(etag) != std::string::npos) {
      response.status = 304;
      response.body.clear();
      response.content_type.clear();
    }
    return response;
  }
  return fail(ErrorKind::kNotFound, "no such page");
}

}  // namespace clippath
