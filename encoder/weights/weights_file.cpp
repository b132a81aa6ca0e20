// SPDX-License-Identifier: Apache-2.0
#include "encoder/weights/weights_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "clippath/core/files.h"

namespace clippath {
namespace {

/// Closes a file descriptor at the end of its scope.
class OpenFile {
 public:
  explicit OpenFile(const std::filesystem::path& path)
      : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}  // not for a pipe
  ~OpenFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  [[nodiscard]] int get() const { return descriptor_; }

 private:
  int descriptor_;
};

Result<std::span<const std::uint8_t>> map_file(const std::filesystem::path& path) {
  const OpenFile file(path);
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) {
    return fail(system_error(errno, path.string()));
  }
  if (!S_ISREG(status.st_mode)) {
    return fail(ErrorKind::kInvalidArgument, path.string() + ": is not a file");
  }
  if (status.st_size == 0) return fail(ErrorKind::kCorruption, path.string() + ": is empty");
  const auto size = static_cast<std::size_t>(status.st_size);
  void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (address == MAP_FAILED) return fail(system_error(errno, path.string()));
  ::madvise(address, size, MADV_WILLNEED);
  return std::span<const std::uint8_t>(static_cast<const std::uint8_t*>(address), size);
}

}  // namespace

WeightsFile::WeightsFile(WeightsFile&& other) noexcept
    : bytes_(std::exchange(other.bytes_, {})), tensors_(std::move(other.tensors_)) {}

WeightsFile& WeightsFile::operator=(WeightsFile&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  std::swap(tensors_, other.tensors_);
  return *this;
}

WeightsFile::~WeightsFile() {
  // munmap takes the address back that mmap gave, as a pointer to writable memory.
  if (!bytes_.empty()) ::munmap(const_cast<std::uint8_t*>(bytes_.data()), bytes_.size());
}

const StoredTensor* WeightsFile::find(std::string_view name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : &found->second;
}

Result<WeightsFile> open_weights_file(const std::filesystem::path& path) {
  CLIPPATH_TRY(const auto bytes, map_file(path));
  WeightsFile file(bytes);
  auto table = parse_tensor_table(bytes);
  if (!table) return fail(table.error().within(path.string()));
  file.tensors_ = std::move(*table);
  return file;
}

}  // namespace clippath
