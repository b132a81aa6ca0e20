// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace clippath {

/// Every way in which an expected operation can fail. Closed: a switch over it has no `default`.
enum class ErrorKind {
  kInvalidArgument,     ///< the caller's input is malformed or out of range
  kUnauthenticated,     ///< no or wrong credentials
  kForbidden,           ///< the route lies outside the caller's scope
  kNotFound,            ///< no such object (or one that the caller may not see)
  kFailedPrecondition,  ///< right request, wrong state: another encoder, another fingerprint, a
                        ///< lock
  kExpired,             ///< a cursor whose generation is gone
  kTooLarge,            ///< a limit on size was passed
  kUnsupported,         ///< a format that this program does not read
  kRateLimited,         ///< too many requests by this caller
  kInternal,            ///< our fault
  kCorruption,          ///< stored bytes are not what was written
  kUnavailable,         ///< queue full or draining: try again later
  kDeadlineExceeded,    ///< the request's time is over
  kOutOfSpace,          ///< the disk is full or under its reserve
};

/// Who can do something about an error.
enum class ErrorClass { kCaller, kTransient, kPermanent };

/// An expected failure as a value.
///
/// `message` is written for the person who reads it: it names the field or file, the limit and the
/// remedy. `field` and `limit` repeat the first two for machines, and are empty where they do not
/// apply. `code` is empty, or a more exact word than the kind (see schemas/openapi.yaml, for
/// example "no_model").
struct Error {
  ErrorKind kind = ErrorKind::kInternal;
  std::string message;
  std::string field = {};
  std::string limit = {};
  std::string code = {};

  /// Puts the outer context in front: `slide 7f3a: tile (12, 40): jpeg decode failed`.
  [[nodiscard]] Error within(std::string_view context) const {
    Error outer = *this;
    outer.message = std::string(context) + ": " + message;
    return outer;
  }
};

/// The kind in snake_case, as it appears in problem+json (`invalid_argument`).
constexpr std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalidArgument: return "invalid_argument";
    case ErrorKind::kUnauthenticated: return "unauthenticated";
    case ErrorKind::kForbidden: return "forbidden";
    case ErrorKind::kNotFound: return "not_found";
    case ErrorKind::kFailedPrecondition: return "failed_precondition";
    case ErrorKind::kExpired: return "expired";
    case ErrorKind::kTooLarge: return "too_large";
    case ErrorKind::kUnsupported: return "unsupported";
    case ErrorKind::kRateLimited: return "rate_limited";
    case ErrorKind::kInternal: return "internal";
    case ErrorKind::kCorruption: return "corruption";
    case ErrorKind::kUnavailable: return "unavailable";
    case ErrorKind::kDeadlineExceeded: return "deadline_exceeded";
    case ErrorKind::kOutOfSpace: return "out_of_space";
  }
  return "internal";
}

/// The HTTP status that an error of this kind is answered with.
constexpr int http_status(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalidArgument: return 400;
    case ErrorKind::kUnauthenticated: return 401;
    case ErrorKind::kForbidden: return 403;
    case ErrorKind::kNotFound: return 404;
    case ErrorKind::kFailedPrecondition: return 409;
    case ErrorKind::kExpired: return 410;
    case ErrorKind::kTooLarge: return 413;
    case ErrorKind::kUnsupported: return 415;
    case ErrorKind::kRateLimited: return 429;
    case ErrorKind::kInternal: return 500;
    case ErrorKind::kCorruption: return 500;
    case ErrorKind::kUnavailable: return 503;
    case ErrorKind::kDeadlineExceeded: return 504;
    case ErrorKind::kOutOfSpace: return 507;
  }
  return 500;
}

constexpr ErrorClass error_class(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalidArgument:
    case ErrorKind::kUnauthenticated:
    case ErrorKind::kForbidden:
    case ErrorKind::kNotFound:
    case ErrorKind::kFailedPrecondition:
    case ErrorKind::kExpired:
    case ErrorKind::kTooLarge:
    case ErrorKind::kUnsupported: return ErrorClass::kCaller;
    case ErrorKind::kRateLimited:
    case ErrorKind::kUnavailable:
    case ErrorKind::kDeadlineExceeded:
    case ErrorKind::kOutOfSpace: return ErrorClass::kTransient;
    case ErrorKind::kInternal:
    case ErrorKind::kCorruption: return ErrorClass::kPermanent;
  }
  return ErrorClass::kPermanent;
}

}  // namespace clippath
