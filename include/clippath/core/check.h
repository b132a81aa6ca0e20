// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <cstdlib>

namespace clippath::internal {

[[noreturn]] inline void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: broken invariant: %s\n", file, line, condition);
  std::abort();
}

}  // namespace clippath::internal

/// States what a programmer promises. Always on; aborts. Never reachable from input: bad input is a
/// Result.
#define CLIPPATH_CHECK(condition) \
  ((condition) ? void(0) : ::clippath::internal::check_failed(#condition, __FILE__, __LINE__))
