// SPDX-License-Identifier: Apache-2.0
#include "worker/protocol/shared_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "clippath/core/files.h"

namespace clippath::worker {

Result<SharedMemory> SharedMemory::make(std::size_t size_bytes) {
  Descriptor descriptor(memfd_create("clippath-pixels", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (descriptor.get() < 0 || ftruncate(descriptor.get(), static_cast<off_t>(size_bytes)) != 0 ||
      fcntl(descriptor.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
    return fail(system_error(errno, "making memory for decoded pictures"));
  }
  return map(std::move(descriptor));
}

Result<SharedMemory> SharedMemory::map(Descriptor descriptor) {
  struct stat status {};
  if (fstat(descriptor.get(), &status) != 0 || status.st_size <= 0) {
    return fail(ErrorKind::kInternal, "the memory for decoded pictures is not there");
  }
  const auto size_bytes = static_cast<std::size_t>(status.st_size);
  void* begin = mmap(nullptr, size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor.get(), 0);
  if (begin == MAP_FAILED) return fail(system_error(errno, "mapping memory for decoded pictures"));
  return SharedMemory(std::move(descriptor), {static_cast<std::uint8_t*>(begin), size_bytes});
}

SharedMemory::SharedMemory(Descriptor descriptor, std::span<std::uint8_t> bytes)
    : descriptor_(std::move(descriptor)), bytes_(bytes) {}

SharedMemory::SharedMemory(SharedMemory&& other) noexcept
    : descriptor_(std::move(other.descriptor_)), bytes_(std::exchange(other.bytes_, {})) {}

SharedMemory& SharedMemory::operator=(SharedMemory&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

SharedMemory::~SharedMemory() {
  if (!bytes_.empty()) munmap(bytes_.data(), bytes_.size());
}

}  // namespace clippath::worker
