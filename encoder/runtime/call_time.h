// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "clippath/core/result.h"
#include "clippath/encoder.h"

namespace clippath {

/// Fails: kDeadlineExceeded if the call's deadline has passed.
inline Result<void> check_time(const EncodeCall& call) {
  if (!call.deadline.passed()) return {};
  return fail(ErrorKind::kDeadlineExceeded,
              "the time for this call was over before it was encoded");
}

}  // namespace clippath
