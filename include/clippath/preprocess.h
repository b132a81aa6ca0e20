// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <filesystem>
#include <vector>

#include "clippath/core/image.h"
#include "clippath/core/resample.h"
#include "clippath/core/result.h"

namespace clippath {

/// The picture side of `preprocessor_config.json`: resize, crop, scale, normalise. Immutable: share
/// freely.
struct Preprocessing {
  int shortest_edge = 224;  ///< resize: shortest side to this, the longer one to trunc(this * long
                            ///< / short); 0: see `exact`
  int exact_width =
      0;  ///< where the config names both sides, the picture is resized to exactly these
  int exact_height = 0;
  int crop_width = 224;  ///< centre crop, offset floor((n - crop) / 2) as Hugging Face; 0: no crop
  int crop_height = 224;
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

/// Reads `preprocessor_config.json` of a model folder.
/// Fails: kNotFound; kInvalidArgument naming the key; kUnsupported for a step that this program
/// does not do.
Result<Preprocessing> load_preprocessing(const std::filesystem::path& folder);

}  // namespace clippath
