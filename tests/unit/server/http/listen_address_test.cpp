// SPDX-License-Identifier: Apache-2.0
#include "server/http/listen_address.h"

#include <gtest/gtest.h>

namespace clippath {
namespace {

TEST(ListenAddress, KnowsLoopback) {
  for (const char* text : {"127.0.0.1:8080", "127.1.2.3:0", "localhost:80", "[::1]:80"}) {
    const auto address = parse_listen_address(text);
    ASSERT_TRUE(address) << text;
    EXPECT_TRUE(address->loopback) << text;
  }
  for (const char* text : {"0.0.0.0:80", "[::]:80", "10.0.0.1:80", "archive.example:80"}) {
    const auto address = parse_listen_address(text);
    ASSERT_TRUE(address) << text;
    EXPECT_FALSE(address->loopback) << text;
  }
  EXPECT_EQ(parse_listen_address("[::1]:80")->url(81), "http://[::1]:81");
}

TEST(ListenAddress, RefusesWhatIsNone) {
  for (const char* text : {"", "8080", "localhost", ":80", "localhost:", "localhost:65536",
                           "localhost:-1", "localhost:8x", "::1:80", "[]:80"}) {
    const auto address = parse_listen_address(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().field, "listen");
  }
}

}  // namespace
}  // namespace clippath
