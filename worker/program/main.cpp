// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "worker/program/lane.h"
#include "worker/program/roles.h"

namespace {

using clippath::Result;
using clippath::worker::Channel;

constexpr int kMostLanes = 64;

struct Role {
  std::string_view name;
  Result<void> (*run)(std::vector<Channel>& lanes);
};
constexpr Role kRoles[] = {{"slide", &clippath::worker::run_slide_role},
                           {"picture", &clippath::worker::run_picture_role},
                           {"features", &clippath::worker::run_features_role}};

int explain() {
  std::fputs(
      "clippath-worker decodes slides, pictures and features for clippath, which starts it by "
      "itself.\n"
      "usage: clippath-worker slide|picture|features LANES\n",
      stderr);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return explain();
  const auto* role = std::ranges::find(kRoles, std::string_view(argv[1]), &Role::name);
  const std::string_view count = argv[2];
  int lane_count = 0;
  const auto [end, error] = std::from_chars(count.data(), count.data() + count.size(), lane_count);
  const bool valid = error == std::errc() && end == count.data() + count.size() &&
                     lane_count >= 1 && lane_count <= kMostLanes;
  if (!valid || role == std::end(kRoles)) return explain();

  auto lanes = clippath::worker::take_lanes(lane_count);
  if (!lanes) return explain();
  return role->run(*lanes) ? 0 : 1;
}
