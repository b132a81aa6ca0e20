// SPDX-License-Identifier: Apache-2.0
#include "clippath/core/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace clippath {
namespace {

/// Closes on every way out.
class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&&) = delete;
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

constexpr std::size_t kPieceBytes = std::size_t{1} << 20;

struct RegularFile {
  FileDescriptor descriptor;
  std::uintmax_t size = 0;
};

Result<RegularFile> open_regular(const std::filesystem::path& path) {
  // A pipe of that name must not keep the program waiting for a writer; files do not care.
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) return fail(system_error(errno, path.string() + ": cannot be opened"));
  struct stat status {};
  if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return fail(ErrorKind::kInvalidArgument, path.string() + ": is not a regular file");
  }
  return RegularFile{std::move(file), static_cast<std::uintmax_t>(status.st_size)};
}

/// How many bytes were read; 0 at the end.
Result<std::size_t> read_some(const RegularFile& file, void* to, std::size_t most,
                              const std::filesystem::path& path) {
  while (true) {
    const ssize_t count = ::read(file.descriptor.get(), to, most);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) return fail(system_error(errno, path.string() + ": cannot be read"));
  }
}

template <class Buffer>
Result<Buffer> read_whole(const std::filesystem::path& path, std::uintmax_t max_bytes) {
  CLIPPATH_TRY(const RegularFile file, open_regular(path));
  if (file.size > max_bytes) {
    const std::string limit = std::to_string(max_bytes) + " bytes";
    return fail({ErrorKind::kTooLarge,
                 path.string() + ": has " + std::to_string(file.size) + " bytes; at most " + limit,
                 "", limit});
  }
  Buffer buffer;
  buffer.resize(file.size);
  std::size_t filled = 0;
  while (filled < buffer.size()) {
    CLIPPATH_TRY(const std::size_t count,
                 read_some(file, buffer.data() + filled, buffer.size() - filled, path));
    if (count == 0) break;
    filled += count;
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

Result<void> read_in_pieces(
    const std::filesystem::path& path,
    const std::function<Result<void>(std::span<const std::uint8_t>)>& take) {
  CLIPPATH_TRY(const RegularFile file, open_regular(path));
  std::vector<std::uint8_t> piece(kPieceBytes);
  while (true) {
    CLIPPATH_TRY(const std::size_t count, read_some(file, piece.data(), piece.size(), path));
    if (count == 0) return {};
    CLIPPATH_TRY_VOID(take(std::span(piece).first(count)));
  }
}

Result<void> write_file_durably(const std::filesystem::path& path,
                                std::span<const std::uint8_t> bytes) {
  CLIPPATH_TRY(StagedFile file, StagedFile::create(path));
  CLIPPATH_TRY_VOID(file.append(bytes));
  return file.commit();
}

}  // namespace clippath
