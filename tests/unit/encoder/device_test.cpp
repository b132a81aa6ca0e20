// SPDX-License-Identifier: Apache-2.0
#include "encoder/runtime/device.h"

#include <ATen/Context.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros.h>
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
#include "encoder/models/to_device.h"
#include "encoder/models/vision_transformer.h"
#include "encoder/weights/architecture.h"
#include "encoder/weights/model_files.h"
#include "tests/support/golden_files.h"
#include "tests/unit/encoder/device_watch.h"

namespace clippath {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

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

TEST(Device, DecidesHowManyPicturesACallHas) {
  const PictureBatches on_processor = batches_on(c10::kCPU);
  EXPECT_EQ(on_processor.size, 4U);
  EXPECT_EQ(on_processor.last, 2U);
  const PictureBatches on_gpu = batches_on(c10::Device(c10::kCUDA, 1));
  EXPECT_EQ(on_gpu.size, 64U);
  EXPECT_EQ(on_gpu.last, on_gpu.size);
}

at::Tensor elsewhere(at::IntArrayRef shape, at::ScalarType type = at::kFloat) {
  return at::empty(shape, at::TensorOptions().dtype(type).device(at::kMeta));
}

TEST(DeviceWatch, SeesAnIndexLeftInMainMemory) {
  const c10::InferenceMode inference;
  const at::Tensor x = elsewhere({3, 5});
  const at::Tensor rows = at::zeros({3}, at::kLong);
  const test::DeviceWatch watch;
  EXPECT_TRUE(x.index({elsewhere({3}, at::kLong)}).is_meta());
  EXPECT_TRUE(x.add(1).is_meta());
  EXPECT_THAT(watch.mixed(), IsEmpty());
  EXPECT_TRUE(x.index({rows}).is_meta());
  EXPECT_THAT(watch.mixed(), Contains("aten::index"));
}

TEST(DeviceWatch, SeesATransfer) {
  const c10::InferenceMode inference;
  const at::Tensor picture = at::zeros({3, 5});
  const test::DeviceWatch watch;
  EXPECT_TRUE(to_device(picture, at::kMeta).is_meta());
  EXPECT_THAT(watch.mixed(), ElementsAre("aten::copy_"));
}

TEST(DeviceWatch, LooksAtItsOwnLifetimeAlone) {
  const c10::InferenceMode inference;
  const at::Tensor x = elsewhere({3, 5});
  const at::Tensor rows = at::zeros({3}, at::kLong);
  EXPECT_TRUE(x.index({rows}).is_meta());
  const test::DeviceWatch watch;
  EXPECT_THAT(watch.mixed(), IsEmpty());
}

/// The towers of a model, computed on LibTorch's device without memory: it follows shapes and
/// types, and refuses an operation between it and the main memory, as a GPU would; DeviceWatch sees
/// those that it does not refuse.
class OnAnotherDevice : public testing::TestWithParam<const char*> {
 protected:
  static std::filesystem::path folder() { return test::golden_dir() / "models" / GetParam(); }

  void SetUp() override {
    const auto card = load_model_card(folder());
    ASSERT_TRUE(card);
    auto config = load_model_config(folder(), *card);
    ASSERT_TRUE(config) << config.error().message;
    config_ = std::move(*config);
    auto weights = open_model_weights(folder(), config_, *card);
    ASSERT_TRUE(weights) << weights.error().message;
    weights_.emplace(std::move(*weights));
  }

  [[nodiscard]] StoredWeights stored(at::ScalarType type) const {
    return {weights_->tensors(), type, at::kMeta};
  }

  const c10::InferenceMode inference_;
  ModelConfig config_;
  std::optional<Weights> weights_;
};

TEST_P(OnAnotherDevice, NothingOfTheTowersIsLeftInMainMemory) {
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16, at::kHalf}) {
    if (config_.vision) {
      const VisionTransformer tower(stored(type), *config_.vision);
      std::optional<AttentionalPooler> pooler;
      if (config_.vision_pooler) pooler.emplace(stored(type), *config_.vision_pooler);
      const std::int64_t side = config_.vision->image_size;
      const at::Tensor pixels = elsewhere({3, 3, side, side}, type);
      const test::DeviceWatch watch;
      const at::Tensor features =
          pooler ? (*pooler)(tower.hidden_states(pixels)) : tower.features(pixels);
      EXPECT_THAT(watch.mixed(), IsEmpty());
      EXPECT_TRUE(features.is_meta());
      EXPECT_EQ(features.scalar_type(), type);
      EXPECT_EQ(features.size(0), 3);
    }
    if (config_.text) {
      const TextTransformer tower(stored(type), *config_.text);
      const TokenBatch batch{elsewhere({2, 9}, at::kLong), elsewhere({2, 9}, at::kBool), {}};
      const test::DeviceWatch watch;
      const at::Tensor features = tower.features(batch);
      EXPECT_THAT(watch.mixed(), IsEmpty());
      EXPECT_TRUE(features.is_meta());
      EXPECT_EQ(features.scalar_type(), type);
      EXPECT_EQ(features.size(0), 2);
    }
  }
}

class PicturesOnAnotherDevice : public OnAnotherDevice {};

TEST_P(PicturesOnAnotherDevice, NothingOfTheAttentionIsLeftInMainMemory) {
  const VisionConfig& vision = *config_.vision;
  const VisionTransformer tower(stored(at::kFloat), vision);
  const std::vector<std::int64_t> layers{0, vision.tower.layers - 1};
  // The second size needs resampled positions.
  for (const std::int64_t side : {vision.image_size, vision.image_size + 2 * vision.patch_size}) {
    const std::int64_t patches = (side / vision.patch_size) * (side / vision.patch_size);
    const at::Tensor picture = at::zeros({1, 3, side, side});
    const at::Tensor there = to_device(picture, at::kMeta);
    const test::DeviceWatch watch;
    const at::Tensor maps = tower.attention(there, layers, Rows::kFirst);
    EXPECT_THAT(watch.mixed(), IsEmpty());
    EXPECT_TRUE(maps.is_meta());
    EXPECT_THAT(maps.sizes(),
                ElementsAre(1, 2, vision.tower.heads, 1, 1 + vision.registers + patches));
  }
}

INSTANTIATE_TEST_SUITE_P(LayoutsOfTexts, OnAnotherDevice,
                         testing::Values("bert-tiny", "bert-mlm-tiny"));

const auto kLayoutsOfPictures = testing::Values(
    "dual-tiny", "dual-clip-tiny", "clip-tiny", "openclip-tiny", "biomedclip-tiny", "dinov2-tiny",
    "dinov2-plain-tiny", "timm-tiny", "uni-tiny", "dino-vits-tiny", "conch-tiny");
INSTANTIATE_TEST_SUITE_P(LayoutsOfPictures, OnAnotherDevice, kLayoutsOfPictures);
INSTANTIATE_TEST_SUITE_P(LayoutsOfPictures, PicturesOnAnotherDevice, kLayoutsOfPictures);

}  // namespace
}  // namespace clippath
