// SPDX-License-Identifier: Apache-2.0
#include "encoder/weights/weights_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <stdexcept>

#include "tests/support/temp_dir.h"

namespace clippath {
namespace {

using testing::HasSubstr;

class Written : public testing::Test {
 protected:
  Written() { std::iota(bytes_.begin(), bytes_.end(), std::uint8_t{0}); }

  [[nodiscard]] StoredTensor tensor(TensorType type, TensorShape shape, std::size_t at) const {
    const std::size_t count = *TensorPlan{"", type, shape}.bytes();
    return {type, std::move(shape), std::span(bytes_).subspan(at, count)};
  }
  [[nodiscard]] WeightsFile reread(const TensorTable& tensors,
                                   const TensorMetadata& metadata = {}) const {
    EXPECT_TRUE(write_weights_file(path_, tensors, metadata));
    auto file = open_weights_file(path_);
    if (!file) throw std::runtime_error(file.error().message);
    return std::move(*file);
  }

  test::TempDir folder_;
  std::filesystem::path path_ = folder_.path() / "model.safetensors";
  std::vector<std::uint8_t> bytes_ = std::vector<std::uint8_t>(200);
};

TEST_F(Written, EveryTypeIsReadBackAsItWas) {
  TensorTable tensors;
  std::size_t at = 0;
  for (const TensorType type :
       {TensorType::kBool, TensorType::kU8, TensorType::kI8, TensorType::kI16, TensorType::kF16,
        TensorType::kBf16, TensorType::kI32, TensorType::kF32, TensorType::kF64,
        TensorType::kI64}) {
    const std::string name = "a \"quoted\" \\ name of " + std::string(to_string(type));
    tensors.emplace(name, tensor(type, {3, 1}, at++));
  }
  tensors.emplace("scalar", tensor(TensorType::kF32, {}, 7));
  const WeightsFile file = reread(tensors);
  ASSERT_EQ(file.tensors().size(), tensors.size());
  for (const auto& [name, tensor] : tensors) {
    const StoredTensor* stored = file.find(name);
    ASSERT_NE(stored, nullptr) << name;
    EXPECT_EQ(stored->type, tensor.type);
    EXPECT_EQ(stored->shape, tensor.shape);
    EXPECT_TRUE(std::equal(stored->bytes.begin(), stored->bytes.end(), tensor.bytes.begin(),
                           tensor.bytes.end()))
        << name;
    const auto offset = static_cast<std::size_t>(stored->bytes.data() - file.bytes().data());
    EXPECT_EQ(offset % size_bytes(tensor.type), 0U) << name << " is not aligned";
  }
}

TEST_F(Written, MetadataIsReadBack) {
  const TensorMetadata metadata{{"format", "pt"}, {"texts", R"(["a \"b\"", "c"])"}};
  const WeightsFile file = reread({{"a", tensor(TensorType::kU8, {1}, 0)}}, metadata);
  EXPECT_EQ(*parse_metadata(file.bytes()), metadata);
}

TEST_F(Written, AFileWithoutMetadataHasNone) {
  EXPECT_TRUE(parse_metadata(reread({{"a", tensor(TensorType::kU8, {1}, 0)}}).bytes())->empty());
}

TEST_F(Written, AShapeThatCannotBeReadIsRefused) {
  for (const TensorShape& shape : {TensorShape{2, 0}, TensorShape{INT64_MAX, 4}}) {
    const auto writer = WeightsWriter::create(path_, {{"empty", TensorType::kF32, shape}});
    ASSERT_FALSE(writer);
    EXPECT_EQ(writer.error().kind, ErrorKind::kInvalidArgument);
    EXPECT_THAT(writer.error().message, HasSubstr("tensor empty"));
  }
}

TEST_F(Written, NothingAppearsBeforeTheCommit) {
  {
    auto writer = WeightsWriter::create(path_, {{"a", TensorType::kU8, {2}}});
    ASSERT_TRUE(writer && writer->append(std::span(bytes_).first(2)));
    EXPECT_FALSE(std::filesystem::exists(path_));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

}  // namespace
}  // namespace clippath
