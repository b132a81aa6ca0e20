// SPDX-License-Identifier: Apache-2.0
#include "server/http/handlers/handlers.h"
#include "server/http/server_context.h"

namespace clippath {

Deadline deadline_of(const Call& call) {
  const Deadline deadline = Deadline::after(kRequestDeadline);
  return call.request.client_gone ? deadline.or_when(call.request.client_gone) : deadline;
}

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
