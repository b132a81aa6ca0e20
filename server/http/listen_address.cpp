// SPDX-License-Identifier: Apache-2.0
#include "server/http/listen_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <charconv>

namespace clippath {
namespace {

bool is_loopback(const std::string& host) {
  if (host == "localhost") return true;
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24U) == 127;
  in6_addr v6{};
  return inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

tl::unexpected<Error> not_an_address(std::string_view text) {
  return fail({ErrorKind::kInvalidArgument,
               "listen: '" + std::string(text) +
                   "' is no address; write host:port, as 127.0.0.1:8080 or [::1]:8080, with a port "
                   "in 0..65535",
               "listen", "0..65535"});
}

}  // namespace

std::string ListenAddress::url(int bound_port) const {
  const bool v6 = host.find(':') != std::string::npos;
  return "http://" + (v6 ? "[" + host + "]" : host) + ":" + std::to_string(bound_port);
}

Result<ListenAddress> parse_listen_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return not_an_address(text);
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']') && host.size() > 2) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find_first_of(":[]") != std::string_view::npos) {
    return not_an_address(text);
  }
  ListenAddress address{std::string(host), 0, false};
  const auto [rest, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  const bool whole = error == std::errc() && rest == port.data() + port.size() && !port.empty();
  if (host.empty() || !whole || address.port < 0 || address.port > 65535) {
    return not_an_address(text);
  }
  address.loopback = is_loopback(address.host);
  return address;
}

}  // namespace clippath
