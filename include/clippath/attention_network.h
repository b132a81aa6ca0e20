// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "clippath/core/check.h"
#include "clippath/core/image.h"
#include "clippath/core/result.h"

namespace clippath {

/// How much the class token of a vision transformer attends to each patch of one picture.
/// `[layers, heads, patches]`; a map is softmax over all tokens without the class token's own
/// share, so it sums to less than 1, and its mean is a little under 1 / patches.
struct AttentionMaps {
  std::size_t layers = 0;
  std::size_t heads = 0;
  std::size_t patches = 0;
  std::vector<float> values;

  [[nodiscard]] std::span<const float> map(std::size_t layer, std::size_t head) const {
    CLIPPATH_CHECK(layer < layers && head < heads);
    return {values.data() + (layer * heads + head) * patches, patches};
  }
};

/// Which layers of a network are looked at.
struct AttentionLayers {
  enum class Which { kLast, kAll, kListed };
  Which which = Which::kLast;
  std::vector<std::int64_t> listed;  ///< kListed alone; counted from 0, in any order
};

/// A self-supervised vision transformer whose attention is looked at (DINO, Caron et al. 2021,
/// arXiv:2104.14294). Thread-safe: every call may run beside every other.
class AttentionNetwork {
 public:
  virtual ~AttentionNetwork() = default;

  /// 32 hex digits: of its weights, configuration and preprocessing.
  [[nodiscard]] virtual const std::string& id() const = 0;
  /// The layers that attend() looks at: counted from 0, rising.
  [[nodiscard]] virtual const std::vector<std::int64_t>& layers() const = 0;

  /// @param picture  any size; it is resized as the network's preprocessing says. One picture a
  /// call, in float32, so that the maps depend on nothing else.
  /// Fails: kInternal if the maps are not finite.
  [[nodiscard]] virtual Result<AttentionMaps> attend(const RgbImage& picture) const = 0;
};

/// Loads a folder with `config.json` (`model_type` `dino_vit` with the tensor names of
/// facebookresearch/dino, or `vit` with those of Hugging Face's ViTModel), `model.safetensors` and
/// `preprocessor_config.json`. Pictures may have another size than the positions were trained at:
/// these are resampled as the layout's own code does it.
/// @param device  as EncoderOptions::device.
/// Fails: as load_encoder; kInvalidArgument for a layer that the network has not, or a picture size
/// that is no multiple of its patches.
Result<std::unique_ptr<const AttentionNetwork>> load_attention_network(
    const std::filesystem::path& folder, const AttentionLayers& layers,
    const std::string& device = "cpu");

}  // namespace clippath
