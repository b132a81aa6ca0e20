// SPDX-License-Identifier: Apache-2.0
#include "store/records/keys.h"

#include <gtest/gtest.h>

#include "core/json/json.h"

namespace clippath {
namespace {

TEST(RecordKeys, HaveTheBytesOfTheFormatPage) {
  const std::string bytes = encode_key(patch_key(0x0102030405060708, 0x0a0b0c0d));
  const std::string expected(
      "\0\0\0\0"
      "\0\0\0\1"
      "\2"
      "\1\2\3\4\5\6\7\10"
      "\12\13\14\15",
      21);
  EXPECT_EQ(bytes, expected);
  EXPECT_EQ(vector_key(patch_key(0x0102030405060708, 0x0a0b0c0d)), expected + '\1');
  EXPECT_EQ(vector_key(report_key(1)).back(), '\2');
}

TEST(RecordKeys, SortAsTheirNumbers) {
  EXPECT_LT(encode_key(patch_key(1, 0xffffffff)), encode_key(patch_key(2, 0)));
  EXPECT_LT(encode_key(patch_key(255, 1)), encode_key(patch_key(256, 0)));
  EXPECT_LT(encode_key(patch_key(1, 255)), encode_key(patch_key(1, 256)));
}

TEST(RecordKeys, ComeBackFromTheirBytes) {
  for (const RecordKey& key : {slide_key(7), patch_key(UINT64_MAX, UINT32_MAX), report_key(0)})
    EXPECT_EQ(decode_key(encode_key(key)), key);
}

TEST(RecordKeys, AreRefusedWhereTheyAreNone) {
  const std::string good = encode_key(slide_key(7));
  EXPECT_FALSE(decode_key(good.substr(1)));
  EXPECT_FALSE(decode_key(good + '\0'));
  for (const std::size_t place : {std::size_t{3}, std::size_t{7}, std::size_t{8}}) {
    std::string other = good;
    other[place] = 99;
    EXPECT_FALSE(decode_key(other)) << "tenant, collection or kind at byte " << place;
  }
}

}  // namespace
}  // namespace clippath
