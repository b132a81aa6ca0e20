// SPDX-License-Identifier: Apache-2.0
#include "encoder/runtime/pixel_batch.h"

#include <c10/util/Half.h>

#include <cstring>

#include "encoder/weights/weights_file.h"

namespace clippath {
namespace {

template <class Stored>
std::vector<float> to_floats(std::span<const std::uint8_t> bytes) {
  std::vector<float> values(bytes.size() / sizeof(Stored));
  for (std::size_t i = 0; i < values.size(); ++i) {
    Stored value;
    std::memcpy(&value, bytes.data() + i * sizeof(Stored), sizeof(Stored));
    values[i] = static_cast<float>(value);
  }
  return values;
}

}  // namespace

PixelBatch PixelNormalizer::operator()(std::span<const RgbImage> images) const {
  PixelBatch batch{images.size(), preprocessing_.input_height(), preprocessing_.input_width(), {}};
  const std::size_t plane =
      static_cast<std::size_t>(batch.height) * static_cast<std::size_t>(batch.width);
  batch.values.resize(batch.count * 3 * plane);
  float* red = batch.values.data();
  for (const RgbImage& image : images) {
    const bool fits = image.width == batch.width && image.height == batch.height;
    const RgbImage fitted = fits ? RgbImage{} : preprocessing_.fit(image);
    const std::uint8_t* pixel = (fits ? image : fitted).pixels.data();
    float* green = red + plane;
    float* blue = green + plane;
    for (std::size_t i = 0; i < plane; ++i, pixel += 3) {
      red[i] = table_[0][pixel[0]];
      green[i] = table_[1][pixel[1]];
      blue[i] = table_[2][pixel[2]];
    }
    red += 3 * plane;
  }
  return batch;
}

Result<PixelBatch> read_pixel_values(const std::filesystem::path& path) {
  CLIPPATH_TRY(const WeightsFile file, open_weights_file(path));
  const StoredTensor* pixels = file.find("pixel_values");
  if (pixels == nullptr || pixels->shape.size() != 4 || pixels->shape[1] != 3 ||
      pixels->shape[2] > 4096 || pixels->shape[3] > 4096 ||
      (pixels->type != TensorType::kF32 && pixels->type != TensorType::kF16)) {
    return fail(ErrorKind::kInvalidArgument,
                path.string() +
                    ": has no tensor pixel_values, F32 or F16, of shape "
                    "[n, 3, height, width]");
  }
  PixelBatch batch{static_cast<std::size_t>(pixels->shape[0]),
                   static_cast<int>(pixels->shape[2]),
                   static_cast<int>(pixels->shape[3]),
                   {}};
  batch.values = pixels->type == TensorType::kF32 ? to_floats<float>(pixels->bytes)
                                                  : to_floats<c10::Half>(pixels->bytes);
  return batch;
}

}  // namespace clippath
