// SPDX-License-Identifier: Apache-2.0
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <exception>
#include <numeric>
#include <utility>

#include "clippath/attention_network.h"
#include "clippath/core/log.h"
#include "encoder/models/to_device.h"
#include "encoder/models/vision_transformer.h"
#include "encoder/runtime/device.h"
#include "encoder/runtime/pixel_batch.h"
#include "encoder/runtime/run_model.h"
#include "encoder/runtime/torch_error.h"
#include "encoder/weights/architecture.h"
#include "encoder/weights/finite_weights.h"
#include "encoder/weights/identity.h"

namespace clippath {
namespace {

/// An attention network in this process, on LibTorch. Thread-safe: nothing is written after
/// construction.
class LocalAttentionNetwork final : public AttentionNetwork {
 public:
  LocalAttentionNetwork(std::string id, std::vector<std::int64_t> layers,
                        const Preprocessing& preprocessing, const VisionConfig& config,
                        at::Device device, VisionTransformer tower)
      : id_(std::move(id)),
        layers_(std::move(layers)),
        heads_(static_cast<std::size_t>(config.tower.heads)),
        normalizer_(preprocessing),
        device_(device),
        tower_(std::move(tower)) {}

  const std::string& id() const override { return id_; }
  const std::vector<std::int64_t>& layers() const override { return layers_; }

  Result<AttentionMaps> attend(const RgbImage& picture) const override {
    const PixelBatch pixels = normalizer_({&picture, 1});
    CLIPPATH_TRY(EmbeddingMatrix rows, run_model([&] {
                   const at::Tensor attention = tower_.attention(
                       to_device(tensor_of(pixels), device_), layers_, Rows::kFirst);
                   // Without the class token's attention to itself.
                   return attention.narrow(4, 1, attention.size(4) - 1).flatten(1).to(at::kCPU);
                 }));
    AttentionMaps maps;
    maps.layers = layers_.size();
    maps.heads = heads_;
    maps.patches = rows.dimension / (maps.layers * maps.heads);
    maps.values = std::move(rows.values);
    return maps;
  }

 private:
  std::string id_;
  std::vector<std::int64_t> layers_;
  std::size_t heads_;
  PixelNormalizer normalizer_;
  at::Device device_;
  VisionTransformer tower_;
};

Result<std::vector<std::int64_t>> settle_layers(const AttentionLayers& wanted, std::int64_t count) {
  std::vector<std::int64_t> layers;
  switch (wanted.which) {
    case AttentionLayers::Which::kLast: return std::vector<std::int64_t>{count - 1};
    case AttentionLayers::Which::kAll:
      layers.resize(static_cast<std::size_t>(count));
      std::iota(layers.begin(), layers.end(), std::int64_t{0});
      return layers;
    case AttentionLayers::Which::kListed: layers = wanted.listed; break;
  }
  std::sort(layers.begin(), layers.end());
  layers.erase(std::unique(layers.begin(), layers.end()), layers.end());
  if (!layers.empty() && layers.front() >= 0 && layers.back() < count) return layers;
  return fail({ErrorKind::kInvalidArgument,
               "attention layers: the network has layers 0.." + std::to_string(count - 1),
               "attention_layers", "0.." + std::to_string(count - 1)});
}

Result<void> check_input(const Preprocessing& preprocessing, const VisionConfig& config) {
  const int width = preprocessing.input_width();
  const int height = preprocessing.input_height();
  if (width % config.patch_size == 0 && height % config.patch_size == 0) return {};
  return fail(ErrorKind::kInvalidArgument,
              "preprocessor_config.json makes pictures of " + std::to_string(width) + " x " +
                  std::to_string(height) + " px, config.json has patches of " +
                  std::to_string(config.patch_size));
}

Result<VisionTransformer> build(const Weights& weights, const VisionConfig& config,
                                at::Device device) {
  try {
    const c10::InferenceMode inference;
    return VisionTransformer(StoredWeights(weights.tensors(), at::kFloat, device), config);
  } catch (const std::exception& error) {
    log(LogLevel::kError, std::string("attention network: ") + reason_of(error));
    return fail(ErrorKind::kInternal, "the network could not be built; the log says why");
  }
}

Result<std::unique_ptr<const AttentionNetwork>> load(const std::filesystem::path& folder,
                                                     const VisionConfig& config,
                                                     std::vector<std::int64_t> layers,
                                                     at::Device device) {
  CLIPPATH_TRY(const Preprocessing preprocessing, load_preprocessing(folder));
  if (auto fits = check_input(preprocessing, config); !fits) {
    return fail(fits.error().within(folder.string()));
  }
  ExpectedTensors expected;
  expect_vision_tower(config, expected);
  CLIPPATH_TRY(const Weights weights, open_checked_weights(folder, expected));
  if (auto finite = check_finite(weights.tensors(), expected); !finite) {
    return fail(finite.error().within(folder.string()));
  }
  CLIPPATH_TRY(std::string id, compute_attention_identity(folder, weights));
  auto tower = build(weights, config, device);
  if (!tower) return fail(tower.error().within(folder.string()));
  return std::make_unique<const LocalAttentionNetwork>(
      std::move(id), std::move(layers), preprocessing, config, device, std::move(*tower));
}

}  // namespace

Result<std::unique_ptr<const AttentionNetwork>> load_attention_network(
    const std::filesystem::path& folder, const AttentionLayers& layers, const std::string& device) {
  CLIPPATH_TRY(const at::Device found, find_device(device));
  CLIPPATH_TRY(const VisionConfig config, load_attention_config(folder));
  CLIPPATH_TRY(std::vector<std::int64_t> settled, settle_layers(layers, config.tower.layers));
  return load(folder, config, std::move(settled), found);
}

}  // namespace clippath
