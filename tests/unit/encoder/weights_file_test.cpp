// SPDX-License-Identifier: Apache-2.0
#include "encoder/weights/weights_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <random>

#include "tests/support/temp_dir.h"
#include "tests/unit/encoder/safetensors_builder.h"

namespace clippath {
namespace {

using test::entry;
using test::safetensors_bytes;
using test::safetensors_of;
using testing::HasSubstr;

TEST(TensorTable, ReadsNamesShapesAndBytes) {
  auto file = safetensors_of(R"("__metadata__":{"format":"pt"},)" +
                                 entry("b", "[2,1]", 4, 8, "F16") + "," + entry("a", "[]", 0, 4),
                             8);
  file.back() = 7;
  const auto table = parse_tensor_table(file);
  ASSERT_TRUE(table) << table.error().message;
  ASSERT_EQ(table->size(), 2U);
  EXPECT_EQ(table->at("a").type, TensorType::kF32);
  EXPECT_EQ(table->at("a").shape, TensorShape{});
  EXPECT_EQ(table->at("a").element_count(), 1);
  EXPECT_EQ(table->at("b").type, TensorType::kF16);
  EXPECT_EQ(table->at("b").shape, (TensorShape{2, 1}));
  EXPECT_EQ(table->at("b").bytes.size(), 4U);
  EXPECT_EQ(table->at("b").bytes[3], 7);
}

TEST(TensorTable, ReadsHeadersWhoseLengthLooksLikeAPickle) {
  for (std::size_t length : {0x0180U, 0x0280U, 0x0380U, 0x0480U, 0x0580U}) {
    std::string header = "{";
    header.append(entry("a", "[]", 0, 4)).append("}").resize(length, ' ');
    const auto table = parse_tensor_table(safetensors_bytes(header, 4));
    EXPECT_TRUE(table) << length << ": " << table.error().message;
  }
}

TEST(TensorTable, ReadsEveryTypeOfTheFormat) {
  for (const char* type : {"F64", "F32", "F16", "BF16", "I64", "I32", "I16", "I8", "U8", "BOOL"}) {
    std::size_t size = 8;
    while (size > 1 &&
           !parse_tensor_table(safetensors_of(entry("a", "[1]", 0, size, type), size))) {
      size /= 2;
    }
    const auto file = safetensors_of(entry("a", "[1]", 0, size, type), size);
    const auto table = parse_tensor_table(file);
    ASSERT_TRUE(table) << type;
    EXPECT_EQ(to_string(table->at("a").type), type);
    EXPECT_EQ(size_bytes(table->at("a").type), size);
  }
}

struct Hostile {
  const char* what;
  std::vector<std::uint8_t> file;
  ErrorKind kind;
  const char* message;
};

std::vector<std::uint8_t> with_length(std::uint64_t length) {
  auto file = safetensors_bytes("{}", 8);
  for (std::size_t i = 0; i < 8; ++i) file[i] = static_cast<std::uint8_t>(length >> (8 * i));
  return file;
}

std::vector<Hostile> hostile_files() {
  const std::string deep = "\"a\":" + std::string(50, '[') + std::string(50, ']');
  const std::string good = entry("a", "[2]", 0, 8);
  const auto bytes = [](std::string_view text) {
    return std::vector<std::uint8_t>(text.begin(), text.end());
  };
  constexpr auto kCorrupt = ErrorKind::kCorruption;
  return {
      {"empty", {}, kCorrupt, "too short"},
      {"cut in the length", {1, 2, 3}, kCorrupt, "too short"},
      {"length past the end", with_length(11), kCorrupt, "cut off within its header"},
      {"length of 2^64 - 1", with_length(~std::uint64_t{0}), ErrorKind::kTooLarge, "limit"},
      {"length of 17 MB", with_length(17'000'000), ErrorKind::kTooLarge, "limit is 16000000"},
      {"zip pickle", bytes("PK\x03\x04 archive/data.pkl"), ErrorKind::kUnsupported,
       "scripts/convert_weights.py"},
      {"raw pickle", bytes("\x80\x02}q\x01(X\x01"), ErrorKind::kUnsupported, "pickle"},
      {"Git LFS pointer", bytes("version https://git-lfs.github.com/spec/v1\noid sha256:00"),
       ErrorKind::kUnsupported, "git lfs pull"},
      {"no brace", safetensors_bytes("[1]", 0), kCorrupt, "does not begin with '{'"},
      {"space before the brace", safetensors_bytes(" {}", 0), kCorrupt, "begin with '{'"},
      {"cut JSON", safetensors_bytes("{\"a\":", 0), kCorrupt, "not valid"},
      {"text behind the JSON", safetensors_bytes("{} x", 0), kCorrupt, "not valid"},
      {"NUL behind the JSON", safetensors_bytes(std::string("{}\0", 3), 0), kCorrupt, "NUL"},
      {"not UTF-8", safetensors_bytes("{\"\xff\":1}", 0), kCorrupt, "not valid"},
      {"deep JSON", safetensors_of(deep, 0), kCorrupt, "deeper"},
      {"duplicate name", safetensors_of(good + "," + good, 8), kCorrupt, "twice"},
      {"entry is a number", safetensors_of("\"a\":1", 0), kCorrupt, "must have dtype"},
      {"no shape", safetensors_of(R"("a":{"dtype":"F32","data_offsets":[0,4]})", 4), kCorrupt,
       "must have"},
      {"one key too many",
       safetensors_of(R"("a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1})", 4), kCorrupt,
       "nothing else"},
      {"metadata of numbers", safetensors_of(R"("__metadata__":{"a":1})", 0), kCorrupt,
       "than texts"},
      {"metadata is a list", safetensors_of(R"("__metadata__":[])", 0), kCorrupt, "not an object"},
      {"unknown type", safetensors_of(entry("a", "[1]", 0, 1, "F8_E4M3"), 1),
       ErrorKind::kUnsupported, "F8_E4M3"},
      {"type is a number", safetensors_of(R"("a":{"dtype":1,"shape":[1],"data_offsets":[0,4]})", 4),
       kCorrupt, "dtype"},
      {"negative side", safetensors_of(entry("a", "[-1]", 0, 4), 4), kCorrupt, "whole numbers"},
      {"broken side", safetensors_of(entry("a", "[1.0]", 0, 4), 4), kCorrupt, "whole numbers"},
      {"side over 2^63", safetensors_of(entry("a", "[9223372036854775808]", 0, 4), 4), kCorrupt,
       "whole numbers"},
      {"nine sides", safetensors_of(entry("a", "[1,1,1,1,1,1,1,1,1]", 0, 4), 4), kCorrupt,
       "not valid"},
      {"empty tensor", safetensors_of(entry("a", "[0]", 0, 0), 0), kCorrupt, "is empty"},
      {"overflow to a small product",
       safetensors_of(entry("a", "[4611686018427387904,4]", 0, 0) + "," + entry("b", "[1]", 0, 4),
                      4),
       kCorrupt, "overflows"},
      {"offsets run backwards", safetensors_of(entry("a", "[1]", 4, 0), 4), kCorrupt, "backwards"},
      {"past the end", safetensors_of(entry("a", "[4]", 0, 16), 12), kCorrupt, "past the end"},
      {"one offset", safetensors_of(R"("a":{"dtype":"F32","shape":[1],"data_offsets":[4]})", 4),
       kCorrupt, "not a pair"},
      {"offsets are texts",
       safetensors_of(R"("a":{"dtype":"F32","shape":[1],"data_offsets":["0","4"]})", 4), kCorrupt,
       "not whole numbers"},
      {"size unlike the shape", safetensors_of(entry("a", "[3]", 0, 8), 8), kCorrupt,
       "its shape needs 12"},
      {"overlap", safetensors_of(entry("a", "[2]", 0, 8) + "," + entry("b", "[2]", 4, 12), 12),
       kCorrupt, "overlaps"},
      {"same range twice",
       safetensors_of(entry("a", "[2]", 0, 8) + "," + entry("b", "[2]", 0, 8), 8), kCorrupt,
       "overlaps"},
      {"hole", safetensors_of(entry("a", "[1]", 0, 4) + "," + entry("b", "[1]", 8, 12), 12),
       kCorrupt, "hole"},
      {"hole at the beginning", safetensors_of(entry("a", "[1]", 4, 8), 8), kCorrupt, "hole"},
      {"bytes at the end", safetensors_of(good, 9), kCorrupt, "left over"},
      {"data without a tensor", safetensors_of("", 1), kCorrupt, "left over"},
  };
}

TEST(TensorTable, RefusesHostileFilesByName) {
  for (const Hostile& hostile : hostile_files()) {
    const auto table = parse_tensor_table(hostile.file);
    ASSERT_FALSE(table) << hostile.what;
    EXPECT_EQ(table.error().kind, hostile.kind) << hostile.what << ": " << table.error().message;
    EXPECT_THAT(table.error().message, HasSubstr(hostile.message)) << hostile.what;
  }
}

// Whatever a damaged header says, a table that is accepted covers the data exactly once.
TEST(TensorTable, KeepsItsInvariantsUnderMutation) {
  const auto whole =
      safetensors_of(R"("__metadata__":{"format":"pt"},)" + entry("aa", "[2,3]", 0, 24) + "," +
                         entry("bb", "[4]", 24, 32, "F16") + "," + entry("cc", "[1]", 32, 36),
                     36);
  ASSERT_TRUE(parse_tensor_table(whole));
  constexpr std::string_view kAlphabet = "0123456789{}[]\",:.-eE aFI\\\xff";
  int accepted = 0;
  for (unsigned seed = 0; seed < 5000; ++seed) {
    std::mt19937 random(seed);
    auto file = whole;
    const auto changes = 1 + random() % 3;
    for (unsigned i = 0; i < changes; ++i) {
      // Mostly the header; sometimes its length.
      const std::size_t at = random() % (whole.size() - 36);
      file[at] = static_cast<std::uint8_t>(kAlphabet[random() % kAlphabet.size()]);
    }
    if (random() % 8 == 0) file.resize(random() % file.size());
    const auto table = parse_tensor_table(file);
    if (!table) {
      EXPECT_FALSE(table.error().message.empty());
      continue;
    }
    ++accepted;
    std::size_t covered = 0;
    for (const auto& [name, tensor] : *table) {
      std::size_t needed = size_bytes(tensor.type);
      for (std::int64_t side : tensor.shape) needed *= static_cast<std::size_t>(side);
      EXPECT_EQ(needed, tensor.bytes.size()) << "seed " << seed;
      EXPECT_GE(tensor.bytes.data(), file.data()) << "seed " << seed;
      EXPECT_LE(tensor.bytes.data() + tensor.bytes.size(), file.data() + file.size())
          << "seed " << seed;
      covered += tensor.bytes.size();
    }
    EXPECT_EQ(covered, 36U) << "seed " << seed;
  }
  EXPECT_GT(accepted, 0);  // changes within names are harmless
}

TEST(WeightsFile, NamesThePathOfWhatItCannotRead) {
  const test::TempDir folder;
  const auto missing = open_weights_file(folder.path() / "model.safetensors");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::kNotFound);
  EXPECT_THAT(missing.error().message, HasSubstr("model.safetensors"));

  const auto path = folder.path() / "cut.safetensors";
  std::ofstream(path) << "{";
  const auto cut = open_weights_file(path);
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().kind, ErrorKind::kCorruption);
  EXPECT_THAT(cut.error().message, HasSubstr("cut.safetensors"));

  std::ofstream(folder.path() / "empty.safetensors");
  const auto empty = open_weights_file(folder.path() / "empty.safetensors");
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().kind, ErrorKind::kCorruption);

  EXPECT_FALSE(open_weights_file(folder.path()));  // a folder

  const auto pipe = folder.path() / "pipe.safetensors";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_FALSE(open_weights_file(pipe));  // at once, not when somebody writes
}

TEST(WeightsFile, KeepsItsTensorsWhenMoved) {
  const test::TempDir folder;
  const auto path = folder.path() / "a.safetensors";
  const auto bytes = safetensors_of(entry("a", "[1]", 0, 4), 4);
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  auto opened = open_weights_file(path);
  ASSERT_TRUE(opened);
  const WeightsFile moved = std::move(*opened);
  ASSERT_NE(moved.find("a"), nullptr);
  EXPECT_EQ(moved.find("a")->bytes.size(), 4U);
  EXPECT_EQ(moved.find("b"), nullptr);
  EXPECT_EQ(moved.bytes().size(), bytes.size());
}

}  // namespace
}  // namespace clippath
