// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "clippath/core/error.h"
#include "server/http/http_message.h"

namespace clippath {

/// Why a request is not answered, with the HTTP status: an Error's own, or one that only HTTP knows
/// (405, 411, 414, 417, 431).
struct Problem {
  int status = 500;
  Error error;
  std::string allow = {};  ///< of a 405: the methods that the path has
};

Problem problem_of(Error error);

/// What a server's own status says without further knowledge: the library refused the request
/// before any of our code saw it.
Problem problem_of_status(int status);

/// RFC 9457 `application/problem+json` with `code` and `request_id`. What concerns our own state
/// (kInternal, kCorruption) goes to the log, since it may hold paths; the client gets the request
/// id to ask with. Detail, field and limit are cut at 512 bytes: a client may have sent them.
HttpResponse problem_response(const Problem& problem, std::string_view request_id);

/// `Bad Request`, ...; empty for a status that this server does not use.
std::string_view status_title(int status);

}  // namespace clippath
