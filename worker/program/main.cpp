// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <cstdio>
#include <string>
#include <string_view>

#include "worker/program/lane.h"
#include "worker/program/roles.h"

namespace {

using clippath::Result;

constexpr int kMostLanes = 64;

int explain() {
  std::fputs(
      "clippath-worker decodes slides and pictures for clippath, which starts it by itself.\n"
      "usage: clippath-worker slide|picture LANES\n",
      stderr);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return explain();
  const std::string_view role = argv[1];
  const std::string_view count = argv[2];
  int lane_count = 0;
  const auto [end, error] = std::from_chars(count.data(), count.data() + count.size(), lane_count);
  const bool valid = error == std::errc() && end == count.data() + count.size() &&
                     lane_count >= 1 && lane_count <= kMostLanes;
  if (!valid || (role != "slide" && role != "picture")) return explain();

  auto lanes = clippath::worker::take_lanes(lane_count);
  if (!lanes) return explain();
  const Result<void> done = role == "slide" ? clippath::worker::run_slide_role(*lanes)
                                            : clippath::worker::run_picture_role(*lanes);
  return done ? 0 : 1;
}
