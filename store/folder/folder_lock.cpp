// SPDX-License-Identifier: Apache-2.0
#include "store/folder/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <optional>
#include <sstream>
#include <tuple>

#include "clippath/core/files.h"
#include "core/json/json.h"

namespace clippath {
namespace {

constexpr std::uintmax_t kMaxBytes = 64U << 10U;

struct Holder {
  std::int64_t pid = 0;
  std::string purpose;
};

/// What the last process that took the lock alone wrote. Empty if it ended well, or is writing.
std::optional<Holder> read_holder(const std::filesystem::path& path) {
  const auto text = read_text_file(path, kMaxBytes);
  if (!text) return std::nullopt;
  const auto json = parse_json(*text);
  if (!json) return std::nullopt;
  ObjectReader reader(*json, "");
  Holder holder;
  holder.pid = reader.integer("pid", 1, INT64_MAX);
  holder.purpose = reader.text("purpose");
  if (!reader.finish()) return std::nullopt;
  return holder;
}

/// The process that the kernel says holds the lock: /proc/locks has lines like
/// `1: FLOCK  ADVISORY  READ 1234 fd:00:5678 0 EOF`, the last number of the triple being the inode.
std::optional<std::int64_t> pid_of_holder(int descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return std::nullopt;
  const std::string inode = std::to_string(status.st_ino);
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    std::istringstream words(line);
    std::string number;
    std::string kind;
    std::string mode;
    std::string access;
    std::string file;
    std::int64_t pid = 0;
    if (words >> number >> kind >> mode >> access >> pid >> file && kind == "FLOCK" && pid > 0 &&
        file.substr(file.rfind(':') + 1) == inode)
      return pid;
  }
  return std::nullopt;
}

Error held(const std::filesystem::path& folder, int descriptor, Access wanted) {
  std::optional<Holder> holder = read_holder(folder / kFolderLockName);
  const std::optional<std::int64_t> pid = pid_of_holder(descriptor);
  // A killed process leaves its words behind.
  if (holder && pid && holder->pid != *pid) holder.reset();
  std::string who = "another process";
  if (pid || holder) who = "process " + std::to_string(pid ? *pid : holder->pid);
  const std::string does = holder ? " (" + holder->purpose + ")" : " (reading)";
  std::string remedy = "; stop it, or wait until it is done";
  if (wanted == Access::kRead) remedy = "; stop it, or ask it with --server and its address";
  return {ErrorKind::kFailedPrecondition,
          folder.string() + ": is in use by " + who + does + remedy};
}

}  // namespace

Result<std::unique_ptr<FolderLock>> FolderLock::take(const std::filesystem::path& folder,
                                                     Access access) {
  const std::filesystem::path path = folder / kFolderLockName;
  const int flags = access == Access::kWrite ? O_RDWR | O_CREAT : O_RDONLY;
  const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
  if (descriptor < 0) return fail(system_error(errno, path.string() + ": cannot be opened"));
  std::unique_ptr<FolderLock> lock(new FolderLock(descriptor));
  const int operation = access == Access::kWrite ? LOCK_EX : LOCK_SH;
  if (::flock(descriptor, operation | LOCK_NB) == 0) return lock;
  if (errno == EWOULDBLOCK) return fail(held(folder, descriptor, access));
  return fail(system_error(errno, path.string() + ": cannot be locked"));
}

FolderLock::~FolderLock() {
  // Nobody should read a holder's words after its end; where they stay, the pid in them tells.
  if (signed_) std::ignore = ::ftruncate(descriptor_, 0);
  ::close(descriptor_);
}

Result<void> FolderLock::sign(const std::string& purpose) {
  const std::string text =
      to_text(Json{{"pid", static_cast<std::int64_t>(::getpid())}, {"purpose", purpose}}) + "\n";
  signed_ = true;
  if (::ftruncate(descriptor_, 0) != 0 ||
      ::pwrite(descriptor_, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
    return fail(system_error(errno, "LOCK: cannot be written"));
  return {};
}

}  // namespace clippath
