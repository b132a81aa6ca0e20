// SPDX-License-Identifier: Apache-2.0
#include "worker/program/lane.h"

#include <exception>
#include <thread>
#include <utility>

#include "worker/protocol/lane_descriptors.h"

namespace clippath::worker {
namespace {

Result<Answer> answer_safely(const Handler& handler, const Message& request) {
  try {
    return handler(request);
  } catch (const std::exception& exception) {  // memory ran out
    return fail(ErrorKind::kTooLarge,
                std::string("decoding needs more memory than it may have: ") + exception.what());
  }
}

}  // namespace

Result<std::vector<Channel>> take_lanes(int count) {
  std::vector<Channel> lanes;
  for (int i = 0; i < count; ++i) {
    Descriptor socket(socket_of_lane(i));
    CLIPPATH_TRY(SharedMemory memory, SharedMemory::map(Descriptor(memory_of_lane(i))));
    lanes.emplace_back(std::move(socket), std::move(memory));
  }
  return lanes;
}

bool serve_once(Channel& lane, const Handler& handler) {
  const auto request = lane.receive();
  if (!request) return false;
  const Result<Answer> answer = answer_safely(handler, *request);
  const auto id = request->request_id;
  const auto sent = answer ? lane.send(MessageKind::kDone, id, answer->body, answer->payload)
                           : lane.send(MessageKind::kFailed, id, to_json(answer.error()));
  if (sent || sent.error().kind == ErrorKind::kUnavailable) return sent.has_value();
  return lane.send(MessageKind::kFailed, id, to_json(sent.error())).has_value();
}

void serve_all(std::vector<Channel>& lanes, const Handler& handler) {
  std::vector<std::thread> threads;
  for (Channel& lane : lanes) {
    threads.emplace_back([&lane, &handler] {
      while (serve_once(lane, handler)) {
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

Answer answer_of(RgbImage picture) {
  return {to_json(PixelSize{picture.width, picture.height}), std::move(picture.pixels)};
}

}  // namespace clippath::worker
