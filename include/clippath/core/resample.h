// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "clippath/core/image.h"

namespace clippath {

enum class ResampleFilter { kBilinear, kBicubic, kLanczos };

/// Resizes a picture exactly as Pillow does (src/libImaging/Resample.c): antialiased (the filter's
/// support grows with the factor), bicubic with a = -0.5, coefficients as 22-bit integers,
/// horizontal pass first and stored in 8 bits. Byte for byte equal to `Image.resize`.
/// @param width, height  at least 1. The same size returns a copy.
RgbImage resample(const RgbImage& image, int width, int height, ResampleFilter filter);

}  // namespace clippath
