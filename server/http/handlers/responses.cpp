// SPDX-License-Identifier: Apache-2.0
#include "server/http/handlers/handlers.h"

namespace clippath {

HttpResponse json_response(const Json& body, int status) {
  return {status, "application/json", to_text(body), {{"Cache-Control", "no-store"}}};
}

HttpResponse picture_response(const std::vector<std::uint8_t>& bytes, const char* content_type) {
  return {200,
          content_type,
          std::string(bytes.begin(), bytes.end()),
          {{"Cache-Control", "private, max-age=3600"}}};
}

}  // namespace clippath
