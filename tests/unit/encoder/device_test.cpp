// SPDX-License-Identifier: Apache-2.0
#include "encoder/runtime/device.h"

#include <ATen/Context.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <c10/core/InferenceMode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/library.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "encoder/models/attentional_pooler.h"
#include "encoder/models/text_transformer.h"
#include "encoder/models/vision_transformer.h"
#include "encoder/weights/architecture.h"
#include "encoder/weights/model_files.h"
#include "tests/support/golden_files.h"

namespace clippath {
namespace {

using testing::HasSubstr;

// LibTorch's C++ libraries do not know the shapes of these four on the device without memory; its
// Python package does.
at::Tensor layer_norm(const at::Tensor& x, c10::SymIntArrayRef,
                      const std::optional<at::Tensor>& weight,
                      const std::optional<at::Tensor>& bias, double, bool) {
  EXPECT_TRUE(x.is_meta() && weight->is_meta() && bias->is_meta());
  EXPECT_EQ(weight->scalar_type(), x.scalar_type());
  return at::empty_like(x);
}

at::Tensor attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                     const std::optional<at::Tensor>& mask, double, bool, std::optional<double>,
                     bool) {
  EXPECT_TRUE(query.is_meta() && key.is_meta() && value.is_meta());
  EXPECT_TRUE(!mask || !mask->defined() || mask->is_meta());
  return at::empty_like(query);
}

at::Tensor embedding(const at::Tensor& table, const at::Tensor& ids, c10::SymInt, bool, bool) {
  EXPECT_TRUE(table.is_meta() && ids.is_meta());
  std::vector<std::int64_t> shape(ids.sizes().begin(), ids.sizes().end());
  shape.push_back(table.size(1));
  return at::empty(shape, table.options());
}

at::Tensor logical_not(const at::Tensor& x) {
  EXPECT_TRUE(x.is_meta());
  return at::empty_like(x);
}

TORCH_LIBRARY_IMPL(aten, Meta, library) {
  library.impl("layer_norm", layer_norm);
  library.impl("scaled_dot_product_attention", attention);
  library.impl("embedding", embedding);
  library.impl("logical_not", logical_not);
}

TEST(Device, IsTheProcessorOrAGpu) {
  EXPECT_EQ(*find_device("cpu"), c10::Device(c10::kCPU));
  for (const char* name :
       {"", "gpu", "cuda:", "cuda:-1", "cuda:x", "cuda:1x", "cuda:128", "cuda0"}) {
    const auto device = find_device(name);
    ASSERT_FALSE(device) << name;
    EXPECT_EQ(device.error().kind, ErrorKind::kInvalidArgument) << name;
    EXPECT_EQ(device.error().field, "device");
  }
}

TEST(Device, ThatIsNotThereIsNamed) {
  const auto device = find_device("cuda:127");
  ASSERT_FALSE(device);
  EXPECT_EQ(device.error().kind, ErrorKind::kUnsupported);
  EXPECT_THAT(device.error().message, HasSubstr(at::hasCUDA() ? "GPUs" : "no CUDA"));
}

/// The towers of a model, computed on LibTorch's device without memory: it follows shapes and
/// types, and refuses an operation between it and the main memory, as a GPU would.
class OnAnotherDevice : public testing::TestWithParam<const char*> {};

TEST_P(OnAnotherDevice, NothingIsLeftInMainMemory) {
  const c10::InferenceMode inference;
  const std::filesystem::path folder = test::golden_dir() / "models" / GetParam();
  const auto card = load_model_card(folder);
  ASSERT_TRUE(card);
  const auto config = load_model_config(folder, *card);
  ASSERT_TRUE(config) << config.error().message;
  const auto weights = open_model_weights(folder, *config, *card);
  ASSERT_TRUE(weights) << weights.error().message;
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16, at::kHalf}) {
    const StoredWeights stored(weights->tensors(), type, at::kMeta);
    if (config->vision) {
      const VisionTransformer tower(stored, *config->vision);
      const std::int64_t side = config->vision->image_size;
      const at::Tensor pixels =
          at::empty({3, 3, side, side}, at::TensorOptions().dtype(type).device(at::kMeta));
      const at::Tensor features =
          config->vision_pooler
              ? AttentionalPooler(stored, *config->vision_pooler)(tower.hidden_states(pixels))
              : tower.features(pixels);
      EXPECT_TRUE(features.is_meta());
      EXPECT_EQ(features.scalar_type(), type);
      EXPECT_EQ(features.size(0), 3);
    }
    if (config->text) {
      const TextTransformer tower(stored, *config->text);
      const auto options = at::TensorOptions().dtype(at::kLong).device(at::kMeta);
      TokenBatch batch{at::empty({2, 9}, options), at::empty({2, 9}, options.dtype(at::kBool))};
      const at::Tensor features = tower.features(batch);
      EXPECT_TRUE(features.is_meta());
      EXPECT_EQ(features.scalar_type(), type);
      EXPECT_EQ(features.size(0), 2);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(AllLayouts, OnAnotherDevice,
                         testing::Values("dual-tiny", "clip-tiny", "openclip-tiny",
                                         "biomedclip-tiny", "bert-tiny", "bert-mlm-tiny",
                                         "dinov2-tiny", "timm-tiny", "dino-vits-tiny",
                                         "conch-tiny"));

}  // namespace
}  // namespace clippath
