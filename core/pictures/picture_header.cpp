// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "clippath/core/pictures.h"

namespace clippath {
namespace {

constexpr std::array<std::uint8_t, 8> kPngMagic{0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

std::uint32_t big_endian(std::span<const std::uint8_t> bytes, std::size_t at, std::size_t count) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value << 8U | bytes[at + i];
  return value;
}

Result<PictureHeader> header(PictureFormat format, std::uint32_t width, std::uint32_t height) {
  if (width == 0 || height == 0)
    return fail(ErrorKind::kInvalidArgument, "the picture has a side of 0 pixels");
  if (width > INT32_MAX || height > INT32_MAX)
    return fail(ErrorKind::kTooLarge, "the picture states absurd sides");
  return PictureHeader{format, static_cast<int>(width), static_cast<int>(height)};
}

/// IHDR must be the first chunk (PNG specification, 5.6).
Result<PictureHeader> read_png_header(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < 33 || std::memcmp(bytes.data() + 12, "IHDR", 4) != 0) {
    return fail(ErrorKind::kInvalidArgument, "the PNG is cut off before its header");
  }
  return header(PictureFormat::kPng, big_endian(bytes, 16, 4), big_endian(bytes, 20, 4));
}

/// Walks the marker segments to the first frame header (ITU-T T.81, B.2).
Result<PictureHeader> read_jpeg_header(std::span<const std::uint8_t> bytes) {
  std::size_t at = 2;
  while (at + 4 <= bytes.size()) {
    if (bytes[at] != 0xFF) break;
    const std::uint8_t marker = bytes[at + 1];
    if (marker == 0xFF) {  // fill byte
      ++at;
      continue;
    }
    const bool is_frame =
        marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    if (is_frame) {
      if (at + 9 > bytes.size()) break;
      if (bytes[at + 4] != 8)
        return fail(ErrorKind::kUnsupported, "a JPEG of more than 8 bits a channel");
      return header(PictureFormat::kJpeg, big_endian(bytes, at + 7, 2),
                    big_endian(bytes, at + 5, 2));
    }
    const std::size_t length = big_endian(bytes, at + 2, 2);
    if (length < 2) break;
    at += 2 + length;
  }
  return fail(ErrorKind::kInvalidArgument, "the JPEG is cut off before its frame header");
}

}  // namespace

Result<PictureHeader> read_picture_header(std::span<const std::uint8_t> bytes) {
  if (bytes.size() >= kPngMagic.size() &&
      std::memcmp(bytes.data(), kPngMagic.data(), kPngMagic.size()) == 0) {
    return read_png_header(bytes);
  }
  if (bytes.size() >= 3 && bytes[0] == 0xFF && bytes[1] == 0xD8 && bytes[2] == 0xFF)
    return read_jpeg_header(bytes);
  return fail(ErrorKind::kUnsupported, "neither a PNG nor a JPEG (judged by its first bytes)");
}

}  // namespace clippath
