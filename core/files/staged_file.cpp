// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "clippath/core/check.h"
#include "clippath/core/files.h"

namespace clippath {
namespace {

constexpr std::size_t kBufferBytes = 1U << 18U;

}  // namespace

Result<StagedFile> StagedFile::create(const std::filesystem::path& path) {
  StagedFile file(path);
  file.fd_ = ::open(file.temporary().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file.fd_ < 0)
    return fail(system_error(errno, file.temporary().string() + ": cannot be created"));
  return file;
}

StagedFile::~StagedFile() {
  if (fd_ < 0) return;
  ::close(fd_);
  ::unlink(temporary().c_str());
}

StagedFile::StagedFile(StagedFile&& other) noexcept
    : path_(std::move(other.path_)),
      fd_(std::exchange(other.fd_, -1)),
      buffer_(std::move(other.buffer_)) {}

StagedFile& StagedFile::operator=(StagedFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(fd_, other.fd_);
  std::swap(buffer_, other.buffer_);
  return *this;
}

std::filesystem::path StagedFile::temporary() const { return path_.string() + ".tmp"; }

Result<void> StagedFile::append(std::span<const std::uint8_t> bytes) {
  return append({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

Result<void> StagedFile::append(std::string_view text) {
  CLIPPATH_CHECK(fd_ >= 0);
  buffer_ += text;
  if (buffer_.size() < kBufferBytes) return {};
  return flush();
}

Result<void> StagedFile::flush() {
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    const ssize_t count = ::write(fd_, rest.data(), rest.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(system_error(errno, temporary().string() + ": cannot be written"));
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
  buffer_.clear();
  return {};
}

Result<void> StagedFile::commit() {
  CLIPPATH_CHECK(fd_ >= 0);
  CLIPPATH_TRY_VOID(flush());
  CLIPPATH_TRY_VOID(publish_file(temporary(), path_));
  ::close(std::exchange(fd_, -1));
  return {};
}

}  // namespace clippath
