// SPDX-License-Identifier: Apache-2.0
#include "encoder/weights/finite_weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

namespace clippath {
namespace {

using testing::HasSubstr;

/// Tensors over bytes of their own.
class Weights : public testing::Test {
 protected:
  template <class Number>
  void add(const std::string& name, TensorType type, const std::vector<Number>& numbers) {
    auto& bytes = bytes_[name];
    bytes.resize(1 + numbers.size() * sizeof(Number));  // one byte off every alignment
    std::memcpy(bytes.data() + 1, numbers.data(), bytes.size() - 1);
    const TensorShape shape = {static_cast<std::int64_t>(numbers.size())};
    tensors_[name] = {type, shape, std::span(bytes).subspan(1)};
    expected_[name] = shape;
  }

  /// The message; empty where all is well.
  [[nodiscard]] std::string fault() const {
    const auto checked = check_finite(tensors_, expected_);
    if (checked) return {};
    EXPECT_EQ(checked.error().kind, ErrorKind::kCorruption);
    return checked.error().message;
  }

  std::map<std::string, std::vector<std::uint8_t>> bytes_;
  TensorTable tensors_;
  ExpectedTensors expected_;
};

template <class Number>
struct Edges {
  TensorType type;
  std::vector<Number> finite;
  std::vector<Number> not_finite;
};

TEST_F(Weights, MayHoldEveryFiniteNumberAndNoOther) {
  const auto expect = [&](const auto& edges) {
    for (const auto number : edges.finite) {
      add("a", edges.type, std::vector(5, number));
      EXPECT_EQ(fault(), "") << to_string(edges.type) << " " << number;
    }
    for (const auto number : edges.not_finite) {
      add("a", edges.type, std::vector(1, number));
      EXPECT_THAT(fault(), HasSubstr("tensor a holds")) << to_string(edges.type) << " " << number;
    }
  };
  expect(Edges<std::uint16_t>{
      TensorType::kF16, {0, 0x8000, 0x7BFF, 0xFBFF, 1}, {0x7C00, 0xFC00, 0x7C01, 0x7E00, 0xFFFF}});
  expect(Edges<std::uint16_t>{
      TensorType::kBf16, {0, 0x8000, 0x7F7F, 0xFF7F, 0x7C00}, {0x7F80, 0xFF80, 0x7F81, 0xFFC0}});
  constexpr float kMost = std::numeric_limits<float>::max();
  expect(Edges<float>{
      TensorType::kF32, {0, -0.0F, kMost, -kMost, 1e-45F}, {INFINITY, -INFINITY, NAN, -NAN}});
  expect(Edges<double>{TensorType::kF64,
                       {0, -0.0, kMost, -kMost, 5e-324},
                       {1e39, -1e39, HUGE_VAL, -HUGE_VAL, std::nan(""), -std::nan("")}});
}

TEST_F(Weights, AreLookedAtToTheLastNumber) {
  for (std::size_t count = 1; count < 70; ++count) {
    for (const std::size_t place : {std::size_t{0}, count / 2, count - 1}) {
      std::vector<float> numbers(count);
      numbers[place] = NAN;
      add("a", TensorType::kF32, numbers);
      EXPECT_NE(fault(), "") << place << " of " << count;
      std::vector<std::uint16_t> halves(count);
      halves[place] = 0x7E00;
      add("a", TensorType::kF16, halves);
      EXPECT_NE(fault(), "") << place << " of " << count;
    }
  }
}

// Parts that begin and end anywhere, as those of a file that is hashed.
TEST_F(Weights, MayBeLookedAtInPartsOfAnySize) {
  for (const std::size_t place : {0, 1, 4, 6}) {
    std::vector<std::uint8_t> file(3 + 7 * sizeof(float) + 5);
    const float nan = NAN;
    std::memcpy(file.data() + 3 + place * sizeof(float), &nan, sizeof nan);
    tensors_["a"] = {TensorType::kF32, {7}, std::span(file).subspan(3, 7 * sizeof(float))};
    expected_["a"] = {7};
    for (std::size_t size = 1; size <= file.size(); ++size) {
      FiniteCheck check(tensors_, expected_);
      for (std::size_t begin = 0; begin < file.size(); begin += size) {
        check.look(std::span(file).subspan(begin, std::min(size, file.size() - begin)));
      }
      EXPECT_FALSE(check.finish()) << place << " in parts of " << size;
    }
  }
}

TEST_F(Weights, AreNamedByTheFirstTensor) {
  for (const char* name : {"c", "b", "d"}) {
    add(name, TensorType::kF32, std::vector<float>(10, NAN));
  }
  add("a", TensorType::kF32, std::vector<float>(10));
  EXPECT_THAT(fault(), HasSubstr("tensor b holds"));
}

TEST_F(Weights, MayHoldAnythingInPartsThatAreNotUsed) {
  add("a", TensorType::kF32, std::vector<float>(10));
  add("cls.predictions.bias", TensorType::kF32, std::vector<float>(10, NAN));
  expected_.erase("cls.predictions.bias");
  EXPECT_EQ(fault(), "");
}

}  // namespace
}  // namespace clippath
