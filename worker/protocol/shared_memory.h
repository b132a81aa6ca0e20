// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "clippath/core/result.h"
#include "worker/protocol/descriptor.h"

namespace clippath::worker {

/// Memory that the program and one worker see both. It is sealed: neither side can shrink it under
/// the other's feet. Only pages that were used cost memory. One thread at a time.
class SharedMemory {
 public:
  /// Fails: kInternal.
  static Result<SharedMemory> make(std::size_t size_bytes);
  /// Takes what the other side made.
  static Result<SharedMemory> map(Descriptor descriptor);

  SharedMemory(SharedMemory&& other) noexcept;
  SharedMemory& operator=(SharedMemory&& other) noexcept;
  ~SharedMemory();

  [[nodiscard]] const Descriptor& descriptor() const { return descriptor_; }
  [[nodiscard]] std::span<std::uint8_t> bytes() const { return bytes_; }

 private:
  SharedMemory(Descriptor descriptor, std::span<std::uint8_t> bytes);

  Descriptor descriptor_;
  std::span<std::uint8_t> bytes_;
};

}  // namespace clippath::worker
