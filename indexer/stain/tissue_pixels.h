// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "clippath/core/image.h"

namespace clippath {

/// 8-bit LAB as OpenCV's integer code makes it, `[height * width, 3]`.
std::vector<std::uint8_t> to_lab8(const RgbImage& picture);

/// The picture of 8-bit LAB pixels. Inverse of to_lab8 up to its rounding.
RgbImage from_lab8(const std::vector<std::uint8_t>& lab, int width, int height);

/// RGB of the pixels that are tissue (8-bit L under 204, which is 0.8 of white), picture after
/// picture in row order, `[n, 3]`.
std::vector<std::uint8_t> tissue_pixels(std::span<const RgbImage> pictures);

/// As many pixels as say what there is to say about the stains of a picture.
inline constexpr std::size_t kSamplePixels = 20'000;

/// At most `most` of `rgb`'s pixels: one from each of `most` equal stretches, at a place within it
/// that a fixed seed chooses.
std::vector<std::uint8_t> sample_pixels(std::span<const std::uint8_t> rgb, std::size_t most);

/// At most kSamplePixels of the picture, in one row.
RgbImage sample_row(const RgbImage& picture);

}  // namespace clippath
