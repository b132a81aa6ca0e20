// SPDX-License-Identifier: Apache-2.0
#include <spng.h>
#include <turbojpeg.h>

#include <algorithm>
#include <memory>
#include <string>

#include "clippath/core/pictures.h"

namespace clippath {
namespace {

// A progressive JPEG can repeat its scans thousands of times over a small file; real ones have
// about ten.
constexpr int kMaxJpegScans = 100;
constexpr std::size_t kMaxPngChunkBytes = 4U << 20U;

Result<void> check_limits(const PictureHeader& header, const PictureLimits& limits) {
  const std::int64_t pixels = std::int64_t{header.width} * header.height;
  if (std::max(header.width, header.height) <= limits.max_side_px && pixels <= limits.max_pixels)
    return {};
  const std::string limit = std::to_string(limits.max_side_px) + " x " +
                            std::to_string(limits.max_side_px) + " and " +
                            std::to_string(limits.max_pixels) + " pixels in all";
  return fail({ErrorKind::kTooLarge,
               "the picture has " + std::to_string(header.width) + " x " +
                   std::to_string(header.height) + " pixels; at most " + limit,
               "", limit});
}

std::uint8_t over_white(std::uint8_t colour, std::uint8_t alpha) {
  return static_cast<std::uint8_t>((colour * alpha + 255 * (255 - alpha) + 127) / 255);
}

Result<RgbImage> decode_png(std::span<const std::uint8_t> bytes, const PictureHeader& header,
                            const PictureLimits& limits) {
  const std::unique_ptr<spng_ctx, void (*)(spng_ctx*)> context(spng_ctx_new(0), &spng_ctx_free);
  if (context == nullptr) return fail(ErrorKind::kInternal, "no memory for the PNG decoder");
  const auto side = static_cast<std::uint32_t>(limits.max_side_px);
  spng_set_image_limits(context.get(), side, side);
  spng_set_chunk_limits(context.get(), kMaxPngChunkBytes, kMaxPngChunkBytes);
  spng_set_crc_action(context.get(), SPNG_CRC_ERROR, SPNG_CRC_ERROR);
  int status = spng_set_png_buffer(context.get(), bytes.data(), bytes.size());
  RgbImage image{header.width, header.height, {}};
  image.pixels.resize(image.size_bytes());
  std::vector<std::uint8_t> rgba(image.pixels.size() / 3 * 4);
  if (status == 0)
    status = spng_decode_image(context.get(), rgba.data(), rgba.size(), SPNG_FMT_RGBA8,
                               SPNG_DECODE_TRNS);
  if (status != 0) {
    return fail(ErrorKind::kInvalidArgument,
                std::string("the PNG is damaged: ") + spng_strerror(status));
  }
  for (std::size_t from = 0, to = 0; from < rgba.size(); from += 4, to += 3) {
    const std::uint8_t alpha = rgba[from + 3];
    for (std::size_t c = 0; c < 3; ++c) {
      image.pixels[to + c] = alpha == 255 ? rgba[from + c] : over_white(rgba[from + c], alpha);
    }
  }
  return image;
}

int count_jpeg_scans(std::span<const std::uint8_t> bytes) {
  int scans = 0;
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
    // Inside entropy-coded data 0xFF is always followed by 0x00 or a restart marker.
    if (bytes[i] == 0xFF && bytes[i + 1] == 0xDA) ++scans;
  }
  return scans;
}

Result<RgbImage> decode_jpeg(std::span<const std::uint8_t> bytes, const PictureHeader& header) {
  if (count_jpeg_scans(bytes) > kMaxJpegScans) {
    return fail(ErrorKind::kUnsupported,
                "a JPEG with more than " + std::to_string(kMaxJpegScans) + " scans");
  }
  const std::unique_ptr<void, int (*)(tjhandle)> decoder(tjInitDecompress(), &tjDestroy);
  if (decoder == nullptr) return fail(ErrorKind::kInternal, "no memory for the JPEG decoder");
  int width = 0;
  int height = 0;
  int subsampling = 0;
  int colour_space = 0;
  const auto size = static_cast<unsigned long>(bytes.size());
  if (tjDecompressHeader3(decoder.get(), bytes.data(), size, &width, &height, &subsampling,
                          &colour_space) != 0 ||
      width != header.width || height != header.height) {
    return fail(ErrorKind::kInvalidArgument,
                std::string("the JPEG is damaged: ") + tjGetErrorStr2(decoder.get()));
  }
  if (colour_space == TJCS_CMYK || colour_space == TJCS_YCCK)
    return fail(ErrorKind::kUnsupported, "a CMYK JPEG; save it as RGB");
  RgbImage image{width, height, {}};
  image.pixels.resize(image.size_bytes());
  if (tjDecompress2(decoder.get(), bytes.data(), size, image.pixels.data(), width, 0, height,
                    TJPF_RGB, TJFLAG_ACCURATEDCT) != 0) {
    return fail(ErrorKind::kInvalidArgument,
                std::string("the JPEG is damaged: ") + tjGetErrorStr2(decoder.get()));
  }
  return image;
}

}  // namespace

Result<RgbImage> decode_picture(std::span<const std::uint8_t> bytes, const PictureLimits& limits) {
  CLIPPATH_TRY(const PictureHeader header, read_picture_header(bytes));
  CLIPPATH_TRY_VOID(check_limits(header, limits));
  switch (header.format) {
    case PictureFormat::kPng: return decode_png(bytes, header, limits);
    case PictureFormat::kJpeg: return decode_jpeg(bytes, header);
  }
  return fail(ErrorKind::kInternal, "unreachable picture format");
}

}  // namespace clippath
