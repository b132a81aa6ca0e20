// SPDX-License-Identifier: Apache-2.0
#include "clippath/core/files.h"

#include <fcntl.h>
#include <unistd.h>
#include <algorithm>

#include <cerrno>
#include <cstring>

namespace clippath {
namespace {

/// Closes on every way out.
class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

template <class Buffer>
Result<Buffer> read_whole(const std::filesystem::path& path, std::uintmax_t max_bytes) {
  // A pipe of that name must not keep the program waiting for a writer; files do not care.
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) return fail(system_error(errno, path.string() + ": cannot be opened"));
  std::error_code ignored;
  const std::uintmax_t size = std::filesystem::file_size(path, ignored);
  if (ignored) return fail(ErrorKind::kInvalidArgument, path.string() + ": is not a regular file");
  if (size > max_bytes) {
    const std::string limit = std::to_string(max_bytes) + " bytes";
    return fail({ErrorKind::kTooLarge,
                 path.string() + ": has " + std::to_string(size) + " bytes; at most " + limit, "",
                 limit});
  }
  Buffer buffer;
  buffer.resize(size);
  std::size_t filled = 0;
  while (filled < buffer.size()) {
    const ssize_t count = ::read(file.get(), buffer.data() + filled, buffer.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(system_error(errno, path.string() + ": cannot be read"));
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  buffer.resize(filled);
  return buffer;
}

}  // namespace

std::string lower_extension(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return extension;
}

Error system_error(int error_number, std::string what) {
  ErrorKind kind = ErrorKind::kInternal;
  if (error_number == ENOSPC || error_number == EDQUOT) kind = ErrorKind::kOutOfSpace;
  if (error_number == ENOENT || error_number == ENOTDIR) kind = ErrorKind::kNotFound;
  return Error{kind, std::move(what) + ": " + std::strerror(error_number)};
}

Result<std::vector<std::uint8_t>> read_file(const std::filesystem::path& path,
                                            std::uintmax_t max_bytes) {
  return read_whole<std::vector<std::uint8_t>>(path, max_bytes);
}

Result<std::string> read_text_file(const std::filesystem::path& path, std::uintmax_t max_bytes) {
  return read_whole<std::string>(path, max_bytes);
}

Result<void> sync_folder(const std::filesystem::path& folder) {
  const FileDescriptor file(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (file.get() < 0) return fail(system_error(errno, folder.string() + ": cannot be opened"));
  if (::fsync(file.get()) != 0)
    return fail(system_error(errno, folder.string() + ": cannot be synced"));
  return {};
}

Result<void> publish_file(const std::filesystem::path& finished,
                          const std::filesystem::path& path) {
  {
    const FileDescriptor file(::open(finished.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0 || ::fsync(file.get()) != 0)
      return fail(system_error(errno, finished.string() + ": cannot be synced"));
  }
  if (::rename(finished.c_str(), path.c_str()) != 0) {
    return fail(system_error(errno, path.string() + ": cannot be replaced"));
  }
  const std::filesystem::path folder = path.parent_path();
  return sync_folder(folder.empty() ? "." : folder);
}

Result<void> write_file_durably(const std::filesystem::path& path,
                                std::span<const std::uint8_t> bytes) {
  CLIPPATH_TRY(StagedFile file, StagedFile::create(path));
  CLIPPATH_TRY_VOID(file.append(bytes));
  return file.commit();
}

}  // namespace clippath
