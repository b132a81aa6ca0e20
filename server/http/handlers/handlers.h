// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "clippath/core/deadline.h"
#include "clippath/core/result.h"
#include "core/json/json.h"
#include "server/http/http_message.h"
#include "server/http/routes.h"

namespace clippath {

// One function a route (routes.cpp); each runs in a connection's thread and leaves FAISS, decoders
// and slide files to the context's executors. Errors become problem+json in dispatch().

Result<HttpResponse> handle_search(const Call& call);
Result<HttpResponse> handle_search_image(const Call& call);
Result<HttpResponse> handle_rank(const Call& call);
Result<HttpResponse> handle_classify(const Call& call);
Result<HttpResponse> handle_patch(const Call& call);
Result<HttpResponse> handle_patch_image(const Call& call);
Result<HttpResponse> handle_report(const Call& call);
Result<HttpResponse> handle_slides(const Call& call);
Result<HttpResponse> handle_slide(const Call& call);
Result<HttpResponse> handle_slide_thumbnail(const Call& call);
Result<HttpResponse> handle_slide_region(const Call& call);
Result<HttpResponse> handle_fields(const Call& call);
Result<HttpResponse> handle_info(const Call& call);
Result<HttpResponse> handle_openapi(const Call& call);
Result<HttpResponse> handle_livez(const Call& call);
Result<HttpResponse> handle_readyz(const Call& call);
Result<HttpResponse> handle_page(const Call& call);

/// kRequestDeadline from now, or when the client hangs up. A client that closes only its sending
/// half looks the same, and gets no answer of the encoder.
Deadline deadline_of(const Call& call);

HttpResponse json_response(const Json& body, int status = 200);
/// A picture, which its client may keep for an hour.
HttpResponse picture_response(const std::vector<std::uint8_t>& bytes, const char* content_type);

}  // namespace clippath
