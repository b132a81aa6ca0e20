// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "clippath/core/deadline.h"
#include "worker/protocol/descriptor.h"
#include "worker/protocol/message.h"
#include "worker/protocol/shared_memory.h"

namespace clippath::worker {

/// One end of a lane between the program and a worker: bodies go through a socket, payloads through
/// shared memory, so that a tile's pixels are copied once on each side. Requests and answers take
/// turns. One thread at a time.
class Channel {
 public:
  Channel(Descriptor socket, SharedMemory memory);

  /// Fails: kTooLarge if the payload does not fit the shared memory; kUnavailable if the other side
  /// is gone.
  Result<void> send(MessageKind kind, std::uint64_t request_id, const Json& body,
                    std::span<const std::uint8_t> payload = {});

  /// Waits for the next message.
  /// Fails: kUnavailable if the other side is gone; kDeadlineExceeded; kCorruption for what is no
  /// message.
  Result<Message> receive(const Deadline& deadline = Deadline::never());

 private:
  Result<void> read_exactly(void* to, std::size_t size_bytes, const Deadline& deadline);

  Descriptor socket_;
  SharedMemory memory_;
};

}  // namespace clippath::worker
