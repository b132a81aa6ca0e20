// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace clippath::worker {

/// Where a worker finds the ends of its lanes: descriptors behind the three standard ones, two
/// each.
constexpr int socket_of_lane(int lane) { return 3 + 2 * lane; }
constexpr int memory_of_lane(int lane) { return socket_of_lane(lane) + 1; }
/// The first descriptor that no lane has.
constexpr int first_beyond(int lanes) { return socket_of_lane(lanes); }

}  // namespace clippath::worker
