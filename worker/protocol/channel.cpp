// SPDX-License-Identifier: Apache-2.0
#include "worker/protocol/channel.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace clippath::worker {
namespace {

constexpr std::uint32_t kMagic = 0x57504C43;  // "CLPW"
constexpr std::uint16_t kVersion = 1;
constexpr std::uint32_t kMostBodyBytes = 1U << 20U;

/// In front of every body; both sides are one machine and one build.
struct Header {
  std::uint32_t magic = kMagic;
  std::uint16_t version = kVersion;
  std::uint16_t kind = 0;
  std::uint64_t request_id = 0;
  std::uint32_t body_bytes = 0;
  std::uint32_t payload_bytes = 0;
};
static_assert(sizeof(Header) == 24);

Error gone() { return Error{ErrorKind::kUnavailable, "the other side is gone"}; }

/// For poll(): -1 waits for ever.
int milliseconds_until(const Deadline& deadline) {
  if (deadline.at() == Deadline::never().at()) return -1;
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline.at() - Deadline::Clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 1'000'000'000));
}

}  // namespace

Channel::Channel(Descriptor socket, SharedMemory memory)
    : socket_(std::move(socket)), memory_(std::move(memory)) {}

Result<void> Channel::send(MessageKind kind, std::uint64_t request_id, const Json& body,
                           std::span<const std::uint8_t> payload) {
  const std::string text = to_text(body);
  if (payload.size() > memory_.bytes().size() || text.size() > kMostBodyBytes) {
    return fail(ErrorKind::kTooLarge, std::to_string(payload.size()) + " bytes are too many; " +
                                          std::to_string(memory_.bytes().size()) + " fit");
  }
  std::copy(payload.begin(), payload.end(), memory_.bytes().begin());
  Header header;
  header.kind = static_cast<std::uint16_t>(kind);
  header.request_id = request_id;
  header.body_bytes = static_cast<std::uint32_t>(text.size());
  header.payload_bytes = static_cast<std::uint32_t>(payload.size());
  std::string bytes(reinterpret_cast<const char*>(&header), sizeof header);
  bytes += text;
  for (std::size_t sent = 0; sent < bytes.size();) {
    const ssize_t count =
        ::send(socket_.get(), bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return fail(gone());
    sent += static_cast<std::size_t>(count);
  }
  return {};
}

Result<Message> Channel::receive(const Deadline& deadline) {
  Header header;
  CLIPPATH_TRY_VOID(read_exactly(&header, sizeof header, deadline));
  if (header.magic != kMagic || header.version != kVersion || header.body_bytes > kMostBodyBytes ||
      header.payload_bytes > memory_.bytes().size()) {
    return fail(ErrorKind::kCorruption, "the other side sent something that is no message");
  }
  std::string text(header.body_bytes, '\0');
  CLIPPATH_TRY_VOID(read_exactly(text.data(), text.size(), deadline));
  Message message;
  message.kind = static_cast<MessageKind>(header.kind);
  message.request_id = header.request_id;
  auto body = parse_json(text);
  if (!body) return fail(ErrorKind::kCorruption, body.error().message);
  message.body = std::move(*body);
  const auto payload = memory_.bytes().first(header.payload_bytes);
  message.payload.assign(payload.begin(), payload.end());
  return message;
}

Result<void> Channel::read_exactly(void* to, std::size_t size_bytes, const Deadline& deadline) {
  auto* next = static_cast<char*>(to);
  while (size_bytes > 0) {
    pollfd waiting{socket_.get(), POLLIN, 0};
    const int ready = poll(&waiting, 1, milliseconds_until(deadline));
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) return fail(ErrorKind::kDeadlineExceeded, "no answer in time");
    const ssize_t count = ready < 0 ? -1 : recv(socket_.get(), next, size_bytes, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return fail(gone());
    next += count;
    size_bytes -= static_cast<std::size_t>(count);
  }
  return {};
}

}  // namespace clippath::worker
