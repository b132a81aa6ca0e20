// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "worker/protocol/channel.h"

namespace clippath::worker {

/// What a worker answers with: a body, and the bytes that go with it.
struct Answer {
  Json body = Json::object();
  std::vector<std::uint8_t> payload = {};
};

/// Answers one request. Called from several lanes at a time.
using Handler = std::function<Result<Answer>(const Message&)>;

/// The lanes that the program left for this process. Fails: kInternal.
Result<std::vector<Channel>> take_lanes(int count);

/// Receives one request, answers it, and tells whether there may be more: false once the program is
/// gone.
bool serve_once(Channel& lane, const Handler& handler);

/// Serves all lanes, a thread each, until the program is gone.
void serve_all(std::vector<Channel>& lanes, const Handler& handler);

Answer answer_of(RgbImage picture);

}  // namespace clippath::worker
