// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clippath/core/geometry.h"
#include "clippath/core/image.h"
#include "clippath/core/result.h"

namespace clippath {

enum class PictureFormat { kPng, kJpeg };

/// What the first bytes of a picture file say, read by our own parser before any decoder sees it.
struct PictureHeader {
  PictureFormat format = PictureFormat::kPng;
  int width = 0;
  int height = 0;
};

struct PictureLimits {
  int max_side_px = 4096;
  std::int64_t max_pixels = 16'000'000;
};

/// Fails: kUnsupported unless PNG or JPEG by magic; kInvalidArgument if cut off or a side is zero.
Result<PictureHeader> read_picture_header(std::span<const std::uint8_t> bytes);

/// Decodes a PNG or JPEG to RGB. Alpha is laid over white, gray becomes RGB, 16 bits become 8 (the
/// high byte); EXIF orientation is ignored. Fails: as read_picture_header; kTooLarge over the
/// limits; kInvalidArgument for damaged data; kUnsupported for CMYK or 12-bit JPEG and for JPEG
///        with more than 100 scans.
Result<RgbImage> decode_picture(std::span<const std::uint8_t> bytes,
                                const PictureLimits& limits = {});

/// As a parameter: where foreign pictures are decoded in another process (decode_workers.h).
using PictureDecoder =
    std::function<Result<RgbImage>(std::span<const std::uint8_t>, const PictureLimits&)>;

/// Without metadata. Lossless.
std::vector<std::uint8_t> encode_png(const RgbImage& image);

/// @param quality  1..100. 4:2:0, without metadata.
std::vector<std::uint8_t> encode_jpeg(const RgbImage& image, int quality = 85);

/// Draws the outline of a rectangle (in the picture's pixels), `thickness` px wide, clipped to the
/// picture.
void draw_outline(RgbImage& image, const Level0Rect& rect, std::array<std::uint8_t, 3> rgb,
                  int thickness);

/// The text as it can be drawn: ASCII, every other character as '?'.
std::string drawable_text(const std::string& text);

/// One cell of a contact sheet.
struct SheetCell {
  RgbImage picture;  ///< scaled down to fit the cell, never up
  std::vector<std::string>
      lines;  ///< at most three, below the picture; cut with "..." where too long
};

/// Lays pictures with captions out in rows, on white. ASCII in the captions; other characters
/// become '?'.
/// @param columns  at least 1.
RgbImage make_contact_sheet(const std::vector<SheetCell>& cells, int columns, int cell_px = 224);

}  // namespace clippath
