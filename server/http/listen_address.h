// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "clippath/core/result.h"

namespace clippath {

struct ListenAddress {
  std::string host;  ///< without brackets
  int port = 0;      ///< 0: any free one
  bool loopback = false;

  /// `http://127.0.0.1:8080`, `http://[::1]:8080`.
  [[nodiscard]] std::string url(int bound_port) const;
};

/// `host:port` or `[ipv6]:port`. A name other than `localhost` counts as not loopback: what it
/// resolves to may change. Fails: kInvalidArgument, field "listen".
Result<ListenAddress> parse_listen_address(std::string_view text);

}  // namespace clippath
