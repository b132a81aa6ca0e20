// SPDX-License-Identifier: Apache-2.0
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>

#include <cerrno>

#include "clippath/core/files.h"
#include "worker/program/sandbox.h"

namespace clippath::worker {
namespace {

constexpr rlim_t kMostDescriptors = 256;

// The address sanitizer maps terabytes, of which it uses little.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kLimitsAddressSpace = false;
#else
constexpr bool kLimitsAddressSpace = true;
#endif

bool limit(__rlimit_resource_t resource, rlim_t most) {
  const rlimit both{most, most};
  return setrlimit(resource, &both) == 0;
}

}  // namespace

Result<void> limit_resources(const ResourceLimits& limits) {
  const bool done = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
                    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && limit(RLIMIT_CORE, 0) &&
                    limit(RLIMIT_FSIZE, 0) && limit(RLIMIT_NOFILE, kMostDescriptors) &&
                    (!kLimitsAddressSpace || limit(RLIMIT_AS, limits.address_space_bytes));
  if (!done) return fail(system_error(errno, "limiting a decoder"));
  return {};
}

void limit_request(const ResourceLimits& limits) {
  const itimerval once{{0, 0}, {limits.cpu_seconds, 0}};
  setitimer(ITIMER_PROF, &once, nullptr);
}

}  // namespace clippath::worker
