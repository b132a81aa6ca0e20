// SPDX-License-Identifier: Apache-2.0
#include "clippath/core/npy.h"

#include <gtest/gtest.h>

namespace clippath {
namespace {

TEST(NpyHeader, IsPaddedToABlockAndStatesTheShape) {
  for (const std::size_t rows : {std::size_t{0}, std::size_t{7}, std::size_t{12345678}}) {
    const std::string header = npy_header(rows, 512);
    EXPECT_EQ(header.size() % 64, 0U);
    EXPECT_EQ(header.back(), '\n');
    EXPECT_EQ(header.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
    const auto length =
        static_cast<unsigned char>(header[8]) + 256U * static_cast<unsigned char>(header[9]);
    EXPECT_EQ(length, header.size() - 10);
    EXPECT_NE(header.find("'shape': (" + std::to_string(rows) + ", 512), }"), std::string::npos);
  }
}

}  // namespace
}  // namespace clippath
