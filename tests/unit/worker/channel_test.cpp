// SPDX-License-Identifier: Apache-2.0
#include "worker/protocol/channel.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <chrono>
#include <numeric>

namespace clippath::worker {
namespace {

constexpr std::size_t kMemoryBytes = 4096;

/// Two channels over one socket pair and one piece of memory, and the raw far socket.
struct Pair {
  Pair() {
    int sockets[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), 0);
    raw = sockets[1];
    auto memory = SharedMemory::make(kMemoryBytes).value();
    auto same = SharedMemory::map(Descriptor(dup(memory.descriptor().get()))).value();
    near = std::make_unique<Channel>(Descriptor(sockets[0]), std::move(memory));
    far = std::make_unique<Channel>(Descriptor(sockets[1]), std::move(same));
  }
  std::unique_ptr<Channel> near;
  std::unique_ptr<Channel> far;
  int raw = -1;
};

TEST(Channel, CarriesBodyAndPayload) {
  Pair pair;
  std::vector<std::uint8_t> payload(kMemoryBytes);
  std::iota(payload.begin(), payload.end(), std::uint8_t{0});
  ASSERT_TRUE(pair.near->send(MessageKind::kReadRegion, 7, {{"x", 3}}, payload));
  const auto message = pair.far->receive();
  ASSERT_TRUE(message);
  EXPECT_EQ(message->kind, MessageKind::kReadRegion);
  EXPECT_EQ(message->request_id, 7U);
  EXPECT_EQ(message->body, (Json{{"x", 3}}));
  EXPECT_EQ(message->payload, payload);
}

TEST(Channel, RefusesAPayloadThatDoesNotFit) {
  Pair pair;
  const std::vector<std::uint8_t> payload(kMemoryBytes + 1);
  const auto sent = pair.near->send(MessageKind::kDone, 1, Json::object(), payload);
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().kind, ErrorKind::kTooLarge);
}

TEST(Channel, TellsThatTheOtherSideIsGone) {
  Pair pair;
  pair.far.reset();
  EXPECT_EQ(pair.near->receive().error().kind, ErrorKind::kUnavailable);
}

TEST(Channel, WaitsNoLongerThanTheDeadline) {
  Pair pair;
  const auto nothing = pair.near->receive(Deadline::after(std::chrono::milliseconds(20)));
  EXPECT_EQ(nothing.error().kind, ErrorKind::kDeadlineExceeded);
}

TEST(Channel, RefusesWhatIsNoMessage) {
  Pair pair;
  const std::string rubbish(64, 'x');
  ASSERT_EQ(write(pair.raw, rubbish.data(), rubbish.size()), 64);
  EXPECT_EQ(pair.near->receive().error().kind, ErrorKind::kCorruption);
}

TEST(Message, SlideInfoSurvivesTheWay) {
  SlideInfo info;
  info.vendor = "aperio";
  info.bounds = {5, 6, 700, 800};
  info.levels = {{{1000, 900}, 1}, {{250, 225}, 3.9984}};
  info.scale = SlideScale{{0.2528}, MppSource::kVendorTag, 1.25};
  info.objective = 40;
  info.warnings = {"the axes differ"};
  const auto read = slide_info_from(to_json(info));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(to_json(*read), to_json(info));
  EXPECT_EQ(read->scale->axis_ratio, 1.25);
}

TEST(Message, SlideInfoWithoutLevelsIsRefused) {
  SlideInfo info;
  info.bounds = {0, 0, 10, 10};
  EXPECT_FALSE(slide_info_from(to_json(info)));
}

TEST(Message, KindsThatNoDecoderFailsWithBecomeOurFault) {
  const Error error = error_from(to_json(Error{ErrorKind::kOutOfSpace, "full"}));
  EXPECT_EQ(error.kind, ErrorKind::kInternal);
  EXPECT_EQ(error.message, "full");
}

}  // namespace
}  // namespace clippath::worker
