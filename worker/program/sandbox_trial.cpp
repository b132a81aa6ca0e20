// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <limits>

#include "worker/program/sandbox.h"
#include "worker/protocol/descriptor.h"

namespace clippath::worker {
namespace {

bool can_connect() { return Descriptor(socket(AF_INET, SOCK_STREAM, 0)).get() >= 0; }

bool can_write() {
  return Descriptor(open("/tmp", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600)).get() >= 0;
}

bool can_read_others() { return Descriptor(open("/etc/passwd", O_RDONLY | O_CLOEXEC)).get() >= 0; }

bool can_fork() {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  if (child > 0) waitpid(child, nullptr, 0);
  return child > 0;
}

bool can_make_code() {
  void* page = mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return false;
  munmap(page, 4096);
  return true;
}

/// Asks for a process that cannot exist: the kernel looks for it only if the sandbox lets the call
/// through.
bool can_signal() {
  constexpr pid_t kNobody = std::numeric_limits<pid_t>::max();
  return syscall(SYS_tgkill, kNobody, kNobody, 0) == 0 || errno != EPERM;
}

}  // namespace

SandboxTrial try_sandbox() {
  SandboxTrial trial;
  const auto note = [&trial](const char* what, bool possible) {
    (possible ? trial.allowed : trial.refused).emplace_back(what);
  };
  note("network", can_connect());
  note("writing", can_write());
  note("other files", can_read_others());
  note("programs", can_fork());
  note("new code", can_make_code());
  note("signals to others", can_signal());
  return trial;
}

}  // namespace clippath::worker
