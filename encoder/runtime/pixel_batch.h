// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <vector>

#include "clippath/core/image.h"
#include "clippath/core/result.h"
#include "clippath/preprocess.h"

namespace clippath {

/// Normalised pictures as an image tower takes them: `[count, 3, height, width]`, float32.
struct PixelBatch {
  std::size_t count = 0;
  int height = 0;
  int width = 0;
  std::vector<float> values;
};

/// Fits and normalises pictures by lookup. Immutable: share freely.
class PixelNormalizer {
 public:
  explicit PixelNormalizer(const Preprocessing& preprocessing)
      : preprocessing_(preprocessing), table_(preprocessing.lookup_table()) {}

  [[nodiscard]] const Preprocessing& preprocessing() const { return preprocessing_; }
  [[nodiscard]] PixelBatch operator()(std::span<const RgbImage> images) const;

 private:
  Preprocessing preprocessing_;
  std::array<std::array<float, 256>, 3> table_;
};

/// Reads the tensor `pixel_values` (F32 or F16, `[n, 3, height, width]`) of a safetensors file.
/// Fails: as open_weights_file; kInvalidArgument if there is no such tensor.
Result<PixelBatch> read_pixel_values(const std::filesystem::path& path);

}  // namespace clippath
