// SPDX-License-Identifier: Apache-2.0
#include "worker/program/sandbox.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <initializer_list>
#include <memory>
#include <system_error>

#include "clippath/core/files.h"
#include "worker/protocol/descriptor.h"

namespace clippath::worker {
namespace {

// What the decoders and the C library call while they read files, allocate and run threads.
// Everything that opens a connection, starts a program or changes a file is left out.
constexpr int kAllowedCalls[] = {
    // messages
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(recvfrom),
    SCMP_SYS(sendto),
    // reading files
    SCMP_SYS(read),
    SCMP_SYS(pread64),
    SCMP_SYS(readv),
    SCMP_SYS(lseek),
    SCMP_SYS(close),
    SCMP_SYS(fstat),
    SCMP_SYS(stat),
    SCMP_SYS(lstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(statx),
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(getcwd),
    SCMP_SYS(getdents64),
    SCMP_SYS(fadvise64),
    SCMP_SYS(fcntl),
    SCMP_SYS(dup),
    // memory
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    // threads, time, the end
    SCMP_SYS(futex),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(gettid),
    SCMP_SYS(getpid),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(setitimer),
    SCMP_SYS(getrandom),
    SCMP_SYS(sysinfo),
    SCMP_SYS(prctl),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
#if defined(__SANITIZE_ADDRESS__)
    // how the sanitizer probes memory, and where it reports
    SCMP_SYS(pipe),
    SCMP_SYS(pipe2),
    SCMP_SYS(write),
#endif
};

using Filter = std::unique_ptr<void, decltype(&seccomp_release)>;

bool allow_with_mask(const Filter& filter, int call, unsigned argument, std::uint64_t mask,
                     std::uint64_t value) {
  return seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, 1,
                          SCMP_CMP(argument, SCMP_CMP_MASKED_EQ, mask, value)) == 0;
}

bool allow_by_arguments(const Filter& filter) {
  constexpr std::uint64_t kWriting = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND;
  constexpr std::uint64_t kWholePid = 0xFFFFFFFF;
  return allow_with_mask(filter, SCMP_SYS(openat), 2, kWriting, 0) &&
         allow_with_mask(filter, SCMP_SYS(open), 1, kWriting, 0) &&
         allow_with_mask(filter, SCMP_SYS(mmap), 2, PROT_EXEC, 0) &&
         allow_with_mask(filter, SCMP_SYS(mprotect), 2, PROT_EXEC, 0) &&
         allow_with_mask(filter, SCMP_SYS(clone), 0, CLONE_THREAD, CLONE_THREAD) &&
         // how abort() ends its own process
         allow_with_mask(filter, SCMP_SYS(tgkill), 0, kWholePid, static_cast<unsigned>(getpid()));
}

/// System calls outside of the list fail with "operation not permitted", so that a library that
/// merely asks for more than it needs lives on.
Result<void> filter_system_calls() {
  const Filter filter(seccomp_init(SCMP_ACT_ERRNO(EPERM)), &seccomp_release);
  bool done = filter != nullptr;
  for (const int call : kAllowedCalls) {
    done = done && seccomp_rule_add(filter.get(), SCMP_ACT_ALLOW, call, 0) == 0;
  }
  // Its arguments lie in memory that a filter cannot see; the C library falls back to clone.
  done = done && seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0;
  done = done && allow_by_arguments(filter) && seccomp_load(filter.get()) == 0;
  if (!done) return fail(system_error(errno, "the kernel refuses a filter of system calls"));
  return {};
}

/// Every right over files that the kernel's version of Landlock knows.
std::uint64_t all_file_rights(long version) {
  std::uint64_t rights = (std::uint64_t{LANDLOCK_ACCESS_FS_MAKE_SYM} << 1U) - 1;
#ifdef LANDLOCK_ACCESS_FS_REFER
  if (version >= 2) rights |= LANDLOCK_ACCESS_FS_REFER;
#endif
#ifdef LANDLOCK_ACCESS_FS_TRUNCATE
  if (version >= 3) rights |= LANDLOCK_ACCESS_FS_TRUNCATE;
#endif
  return rights;
}

/// A folder that is not there is told by who then opens the file.
bool allow_reading(const Descriptor& rules, const std::filesystem::path& path) {
  const Descriptor folder(open(path.c_str(), O_PATH | O_CLOEXEC | O_DIRECTORY));
  if (folder.get() < 0) return true;
  landlock_path_beneath_attr below{};
  below.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
  below.parent_fd = folder.get();
  return syscall(SYS_landlock_add_rule, rules.get(), LANDLOCK_RULE_PATH_BENEATH, &below, 0) == 0;
}

/// Lets this thread, and those that it makes, read the files below these folders and no others.
Result<void> restrict_files(const std::vector<std::filesystem::path>& readable) {
  const long version =
      syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 1) return {};
  landlock_ruleset_attr handled{};
  handled.handled_access_fs = all_file_rights(version);
  const Descriptor rules(
      static_cast<int>(syscall(SYS_landlock_create_ruleset, &handled, sizeof handled, 0)));
  bool done = rules.get() >= 0;
  for (const std::filesystem::path& folder : readable) {
    done = done && allow_reading(rules, folder);
  }
  done = done && syscall(SYS_landlock_restrict_self, rules.get(), 0) == 0;
  if (!done) return fail(system_error(errno, "restricting the files of a decoder"));
  return {};
}

}  // namespace

Result<void> enter_sandbox(const std::vector<std::filesystem::path>& readable) {
  CLIPPATH_TRY_VOID(restrict_files(readable));
  return filter_system_calls();
}

std::vector<std::filesystem::path> folders_of(const std::filesystem::path& file) {
  std::error_code error;
  const std::filesystem::path target = std::filesystem::weakly_canonical(file, error);
  return {file.parent_path(), error ? file.parent_path() : target.parent_path()};
}

}  // namespace clippath::worker
