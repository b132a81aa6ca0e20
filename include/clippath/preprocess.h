// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "clippath/core/image.h"
#include "clippath/core/resample.h"
#include "clippath/core/result.h"

namespace clippath {

/// Where a centre crop begins that leaves over an odd number of pixels.
enum class CropRule : std::uint8_t {
  kFloor,      ///< Hugging Face: floor((n - crop) / 2)
  kHalfToEven  ///< torchvision, so also open_clip and timm: (n - crop) / 2, a half to the even
               ///< number
};

/// What a model does to pictures: resize, crop, scale, normalise. Immutable: share freely.
struct Preprocessing {
  int shortest_edge = 224;  ///< resize: shortest side to this, the longer one to trunc(this * long
                            ///< / short); 0: see `exact`
  int exact_width =
      0;  ///< where the config names both sides, the picture is resized to exactly these
  int exact_height = 0;
  int crop_width = 224;  ///< centre crop; 0: no crop
  int crop_height = 224;
  CropRule crop_rule = CropRule::kFloor;
  ResampleFilter filter = ResampleFilter::kBicubic;
  std::array<double, 3> mean{};
  std::array<double, 3> std{};

  /// Resizes and crops to `[input_height, input_width, 3]`. A picture of that size already is
  /// returned as it is. Of a picture over 64 times as long as wide only the middle is resized.
  [[nodiscard]] RgbImage fit(const RgbImage& image) const;

  /// Normalised value of every byte, `[3, 256]`: (v / 255 - mean) / std in double, rounded to
  /// float.
  [[nodiscard]] std::array<std::array<float, 256>, 3> lookup_table() const;

  [[nodiscard]] int input_width() const { return crop_width > 0 ? crop_width : exact_width; }
  [[nodiscard]] int input_height() const { return crop_height > 0 ? crop_height : exact_height; }
};

/// Reads what a model folder says of pictures: `preprocess_cfg` of `open_clip_config.json`, else
/// `pretrained_cfg` of a `config.json` of timm (it has a key `architecture`), else the image tower
/// of a `config.json` of CONCH (it has a key `embed_dim_caption`), else `preprocessor_config.json`
/// of Hugging Face (CLIP, ViT, Bit). Fails: kNotFound; kInvalidArgument naming the key;
/// kUnsupported for a step that this program does not do.
Result<Preprocessing> load_preprocessing(const std::filesystem::path& folder);

}  // namespace clippath
