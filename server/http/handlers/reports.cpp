// SPDX-License-Identifier: Apache-2.0
#include "server/http/handlers/handlers.h"
#include "server/http/record_codec.h"
#include "server/http/server_context.h"

namespace clippath {

Result<HttpResponse> handle_report(const Call& call) {
  const Snapshot& snapshot = call.context.engines->first().snapshot();
  const auto found = snapshot.report_row.find(call.ids.front());
  if (found == snapshot.report_row.end()) {
    return fail({ErrorKind::kNotFound, "no report '" + call.ids.front() + "'", "id"});
  }
  return json_response(report_json(snapshot.reports[static_cast<std::size_t>(found->second)]));
}

}  // namespace clippath
