// SPDX-License-Identifier: Apache-2.0
#include "encoder/runtime/convert_weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/golden_files.h"
#include "tests/support/temp_dir.h"

namespace clippath {
namespace {

/// One matrix, a scalar and whole numbers.
class ConvertedWeights : public testing::Test {
 protected:
  template <class T>
  static StoredTensor stored(TensorType type, TensorShape shape, const std::vector<T>& values) {
    return {type,
            std::move(shape),
            {reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(T)}};
  }
  [[nodiscard]] WeightsFile converted(TensorType type) const {
    EXPECT_TRUE(convert_weights(tensors_, type, path_));
    return test::open_golden(path_);
  }

  test::TempDir folder_;
  std::filesystem::path path_ = folder_.path() / "model.safetensors";
  // Between two halves, a tie, the least half, beyond bfloat16's digits.
  std::vector<float> weights_ = {1.0004F, 1 + 1.0F / 2048, 6e-8F, -3.14159F};
  std::vector<float> scale_ = {4.6052F};
  std::vector<std::int64_t> ids_ = {0, 1, 77};
  TensorTable tensors_{{"weight", stored(TensorType::kF32, {2, 2}, weights_)},
                       {"logit_scale", stored(TensorType::kF32, {}, scale_)},
                       {"position_ids", stored(TensorType::kI64, {1, 3}, ids_)}};
};

TEST_F(ConvertedWeights, AreRoundedToTheNearestHalf) {
  const WeightsFile file = converted(TensorType::kF16);
  EXPECT_EQ(file.find("weight")->type, TensorType::kF16);
  EXPECT_EQ(test::values<std::uint16_t>(*file.find("weight")),
            (std::vector<std::uint16_t>{0x3C00, 0x3C00, 0x0001, 0xC248}));
}

TEST_F(ConvertedWeights, AreRoundedToTheNearestBfloat16) {
  EXPECT_EQ(test::values<std::uint16_t>(*converted(TensorType::kBf16).find("weight")),
            (std::vector<std::uint16_t>{0x3F80, 0x3F80, 0x3381, 0xC049}));
}

TEST_F(ConvertedWeights, KeepScalarsAndWholeNumbers) {
  const WeightsFile file = converted(TensorType::kF16);
  EXPECT_EQ(test::values<float>(*file.find("logit_scale")), scale_);
  EXPECT_EQ(test::values<std::int64_t>(*file.find("position_ids")), ids_);
}

TEST_F(ConvertedWeights, RefuseWhatTheTypeCannotHold) {
  weights_[2] = 70'000;
  const auto refused = convert_weights(tensors_, TensorType::kF16, path_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kInvalidArgument);
  EXPECT_THAT(refused.error().message, testing::HasSubstr("tensor weight"));
  EXPECT_FALSE(std::filesystem::exists(path_));
  EXPECT_TRUE(convert_weights(tensors_, TensorType::kBf16, path_));
}

}  // namespace
}  // namespace clippath
