// SPDX-License-Identifier: Apache-2.0
// A decoder taken over by the file that it reads: it behaves as the x of a region tells it to, and
// dies at opening once for each byte of a slide that exists.
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "worker/protocol/channel.h"
#include "worker/protocol/lane_descriptors.h"

namespace {

using namespace clippath;
using namespace clippath::worker;

Json slide_info() {
  SlideInfo info;
  info.vendor = "rogue";
  info.bounds = {0, 0, 1000, 1000};
  info.levels = {{{1000, 1000}, 1}, {{250, 250}, 4}};
  return to_json(info);
}

void answer_region(Channel& lane, const Message& request) {
  const Region region = region_from(request.body).value();
  const auto bytes = static_cast<std::size_t>(region.size.width * region.size.height * 3);
  const std::vector<std::uint8_t> pixels(bytes, static_cast<std::uint8_t>(region.origin.x));
  auto id = request.request_id;
  auto size = region.size;
  switch (region.origin.x) {
    case 1: abort();  // ci-allow: a worker that dies is what is tested
    case 2: pause(); break;
    case 3: ++id; break;
    case 4: ++size.width; break;
    case 5: std::this_thread::sleep_for(std::chrono::milliseconds(300)); break;
    case 6: syscall(SYS_exit_group, 0); break;  // the thread sanitizer delays _exit()
    default: break;
  }
  (void)lane.send(MessageKind::kDone, id, to_json(size), pixels);
}

void open_slide(const Message& request) {
  const auto path = path_from(request.body).value();
  std::error_code absent;
  const auto bytes = std::filesystem::file_size(path, absent);
  if (absent || bytes == 0) return;
  std::filesystem::resize_file(path, bytes - 1);
  abort();  // ci-allow: a worker that dies is what is tested
}

void serve(Channel& lane) {
  for (auto request = lane.receive(); request; request = lane.receive()) {
    if (request->kind == MessageKind::kReadRegion) {
      answer_region(lane, *request);
    } else {
      if (request->kind == MessageKind::kOpenSlide) open_slide(*request);
      (void)lane.send(MessageKind::kDone, request->request_id, slide_info());
    }
  }
}

}  // namespace

int main(int, char** arguments) {
  const int count = std::stoi(arguments[2]);
  std::vector<Channel> lanes;
  for (int i = 0; i < count; ++i) {
    lanes.emplace_back(Descriptor(socket_of_lane(i)),
                       SharedMemory::map(Descriptor(memory_of_lane(i))).value());
  }
  std::vector<std::thread> threads;
  for (Channel& lane : lanes) threads.emplace_back([&lane] { serve(lane); });
  for (std::thread& thread : threads) thread.join();
}
