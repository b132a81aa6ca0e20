// SPDX-License-Identifier: Apache-2.0
#include "store/records/codec.h"

#include <gtest/gtest.h>

#include <random>

#include "store/records/keys.h"
#include "tests/unit/store/test_rows.h"

namespace clippath {
namespace {

std::string random_text(std::mt19937_64& random) {
  std::string text(random() % 40, '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

FieldValue random_field(std::mt19937_64& random) {
  switch (random() % 4) {
    case 0: return random_text(random);
    case 1: return static_cast<double>(random()) / 7;
    case 2: return random() % 2 == 0;
    default: return Date{"2024-02-29"};
  }
}

PatchRecord random_patch(std::mt19937_64& random) {
  PatchRecord patch;
  patch.id = PatchId(random_text(random));
  if (random() % 2 == 0) {
    const auto side = [&] { return static_cast<std::int64_t>(random()); };
    patch.rect = Level0Rect{side(), side(), side(), side()};
  }
  patch.extent_um = static_cast<double>(random()) / 3;
  patch.tissue_fraction = 0.1;
  patch.white_fraction = 1.0 / 3;
  patch.keeps_stain = random() % 2 == 0;
  if (random() % 2 == 0) patch.attention = static_cast<double>(random() % 197) / 196;
  patch.picture_hash = random();
  patch.image_path = random_text(random);
  patch.caption = random_text(random);
  for (std::uint64_t i = random() % 5; i > 0; --i)
    patch.fields[random_text(random)] = random_field(random);
  return patch;
}

void expect_equal(const PatchRecord& a, const PatchRecord& b) {
  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(a.rect, b.rect);
  EXPECT_EQ(a.extent_um, b.extent_um);
  EXPECT_EQ(a.tissue_fraction, b.tissue_fraction);
  EXPECT_EQ(a.white_fraction, b.white_fraction);
  EXPECT_EQ(a.keeps_stain, b.keeps_stain);
  EXPECT_EQ(a.attention, b.attention);
  EXPECT_EQ(a.picture_hash, b.picture_hash);
  EXPECT_EQ(a.image_path, b.image_path);
  EXPECT_EQ(a.caption, b.caption);
  EXPECT_EQ(a.fields, b.fields);
}

TEST(PatchCodec, GivesBackWhatWasWritten) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    const PatchRecord patch = random_patch(random);
    const auto decoded = decode_patch(encode_patch(patch));
    ASSERT_TRUE(decoded) << decoded.error().message;
    expect_equal(*decoded, patch);
  }
}

TEST(PatchCodec, TakesNoMoreBytesForAPatchWithoutAttention) {
  PatchRecord patch;
  const std::size_t without = encode_patch(patch).size();
  patch.attention = 0;
  EXPECT_EQ(encode_patch(patch).size(), without + 8);
}

TEST(PatchCodec, RefusesEveryCutAndEveryAddition) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    std::mt19937_64 random(seed);
    const std::string bytes = encode_patch(random_patch(random));
    for (std::size_t length = 0; length < bytes.size(); ++length)
      ASSERT_FALSE(decode_patch(std::string_view(bytes).substr(0, length))) << length;
    const auto longer = decode_patch(bytes + 'x');
    ASSERT_FALSE(longer);
    EXPECT_EQ(longer.error().kind, ErrorKind::kCorruption);
  }
}

TEST(PatchCodec, NeverReadsPastHostileBytes) {
  for (unsigned seed = 0; seed < 2000; ++seed) {
    std::mt19937_64 random(seed);
    std::string bytes = encode_patch(random_patch(random));
    for (int i = 0; i < 4; ++i) bytes[random() % bytes.size()] = static_cast<char>(random());
    const auto decoded = decode_patch(bytes);
    if (!decoded) {
      EXPECT_EQ(decoded.error().kind, ErrorKind::kCorruption);
    }
  }
}

const EncoderBytes kEncoder = *encoder_bytes(test::kTestEncoder);

TEST(VectorCodec, GivesBackHalfPrecisionExactly) {
  const std::string key = vector_key(patch_key(3, 4));
  const Embedding vector = test::exact_unit_vector(5, 64);
  const auto decoded = decode_vector(key, encode_vector(key, kEncoder, vector));
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(decoded->values, vector);
  EXPECT_EQ(decoded->encoder, kEncoder);
}

TEST(VectorCodec, CatchesEveryFlippedBit) {
  const std::string key = vector_key(patch_key(3, 4));
  const std::string bytes = encode_vector(key, kEncoder, test::exact_unit_vector(5));
  for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    const auto decoded = decode_vector(key, damaged);
    ASSERT_FALSE(decoded) << "bit " << bit;
    ASSERT_EQ(decoded.error().kind, ErrorKind::kCorruption);
  }
}

TEST(VectorCodec, CatchesARightVectorUnderAWrongKey) {
  const std::string key = vector_key(patch_key(3, 4));
  const std::string bytes = encode_vector(key, kEncoder, test::exact_unit_vector(5));
  EXPECT_FALSE(decode_vector(vector_key(patch_key(3, 5)), bytes));
}

TEST(EncoderBytes, RefusesWhatIsNoEncoderId) {
  for (const char* id :
       {"", "demo", "0123456789ABCDEF0123456789ABCDEF", "0123456789abcdef0123456789abcde",
        "0123456789abcdef0123456789abcdeff", "0123456789abcdef0123456789abcdeg"}) {
    EXPECT_FALSE(encoder_bytes(EncoderId(id))) << id;
  }
}

TEST(UnitLength, IsCheckedBeforeAVectorIsStored) {
  EXPECT_TRUE(check_unit_length(test::exact_unit_vector(1)));
  EXPECT_FALSE(check_unit_length({}));
  EXPECT_FALSE(check_unit_length({0.5F, 0.5F}));
  EXPECT_FALSE(check_unit_length({NAN, 1.0F}));
}

}  // namespace
}  // namespace clippath
