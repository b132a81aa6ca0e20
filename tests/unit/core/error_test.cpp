// SPDX-License-Identifier: Apache-2.0
#include "clippath/core/error.h"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace clippath {
namespace {

constexpr std::array kEveryKind = {
    ErrorKind::kInvalidArgument,  ErrorKind::kUnauthenticated,    ErrorKind::kForbidden,
    ErrorKind::kNotFound,         ErrorKind::kFailedPrecondition, ErrorKind::kExpired,
    ErrorKind::kTooLarge,         ErrorKind::kUnsupported,        ErrorKind::kRateLimited,
    ErrorKind::kInternal,         ErrorKind::kCorruption,         ErrorKind::kUnavailable,
    ErrorKind::kDeadlineExceeded, ErrorKind::kOutOfSpace,
};

TEST(ErrorKind, HasAWordOfItsOwn) {
  std::set<std::string_view> words;
  for (const ErrorKind kind : kEveryKind) words.insert(to_string(kind));
  EXPECT_EQ(words.size(), kEveryKind.size());
}

TEST(ErrorKind, BlamesTheCallerExactlyForTheFourHundredsThatTryingAgainCannotMend) {
  for (const ErrorKind kind : kEveryKind) {
    const int status = http_status(kind);
    const bool caller = status >= 400 && status < 500 && status != 429;
    EXPECT_EQ(error_class(kind) == ErrorClass::kCaller, caller) << to_string(kind);
  }
}

}  // namespace
}  // namespace clippath
