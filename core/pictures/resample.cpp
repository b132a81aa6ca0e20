// SPDX-License-Identifier: Apache-2.0
#include "clippath/core/resample.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "clippath/core/check.h"
#include "clippath/core/each_processor.h"
#include "core/pictures/axis_weights.h"
#include "core/pictures/byte_columns.h"

namespace clippath {
namespace {

constexpr std::int32_t kHalf = 1 << (kPrecisionBits - 1);

std::size_t row_bytes(const RgbImage& image) { return static_cast<std::size_t>(image.width) * 3; }

[[gnu::always_inline]] inline std::uint8_t round_sum(std::int32_t sum) {
  return static_cast<std::uint8_t>(std::clamp(sum >> kPrecisionBits, 0, 255));
}

CLIPPATH_FOR_EACH_PROCESSOR
void round_sums(const std::vector<std::int32_t>& sums, std::uint8_t* bytes) {
  const std::int32_t* sum = sums.data();
  const std::size_t count = sums.size();
  for (std::size_t i = 0; i < count; ++i) bytes[i] = round_sum(sum[i]);
}

CLIPPATH_FOR_EACH_PROCESSOR
void widen(const std::vector<std::uint8_t>& bytes, std::int32_t* values) {
  const std::uint8_t* byte = bytes.data();
  const std::size_t count = bytes.size();
  for (std::size_t i = 0; i < count; ++i) values[i] = byte[i];
}

/// One byte of each of kColumnBytes rows. No more aligned than its elements: it looks into vectors
/// of numbers.
using Column = std::int32_t __attribute__((vector_size(4 * kColumnBytes), aligned(4), may_alias));

/// @param columns  `[in width, 3, kColumnBytes]`.
/// @param sums     `[out width, 3, kColumnBytes]`.
CLIPPATH_FOR_EACH_PROCESSOR
void narrow(const std::vector<std::int32_t>& columns, const AxisWeights& axis,
            std::vector<std::int32_t>& sums) {
  auto* out = reinterpret_cast<Column*>(sums.data());
  for (std::size_t x = 0; x < axis.first.size(); ++x, out += 3) {
    const std::int32_t* weight = axis.of(x);
    const auto* in =
        reinterpret_cast<const Column*>(columns.data()) + std::ptrdiff_t{3} * axis.first[x];
    Column red = Column{} + kHalf;
    Column green = red;
    Column blue = red;
    for (int i = 0; i < axis.count[x]; ++i, in += 3) {
      red += in[0] * weight[i];
      green += in[1] * weight[i];
      blue += in[2] * weight[i];
    }
    out[0] = red;
    out[1] = green;
    out[2] = blue;
  }
}

/// The rows from y on; at the lower edge the last one several times.
template <class Image>
auto rows_from(Image& image, int y) {
  std::array<decltype(image.row(0)), kColumnBytes> rows;
  for (auto& row : rows) row = image.row(std::min(y++, image.height - 1));
  return rows;
}

RgbImage resample_rows(const RgbImage& image, int width, ResampleFilter filter) {
  const AxisWeights axis = weights_of(image.width, width, filter);
  RgbImage out{width, image.height, {}};
  out.pixels.resize(out.size_bytes());
  std::vector<std::uint8_t> read(bytes_of_columns(row_bytes(image)));
  std::vector<std::int32_t> columns(read.size());
  std::vector<std::uint8_t> rounded(bytes_of_columns(row_bytes(out)));
  std::vector<std::int32_t> sums(rounded.size());
  for (int y = 0; y < image.height; y += static_cast<int>(kColumnBytes)) {
    rows_to_columns(rows_from(image, y), row_bytes(image), read.data());
    widen(read, columns.data());
    narrow(columns, axis, sums);
    round_sums(sums, rounded.data());
    columns_to_rows(rounded.data(), row_bytes(out), rows_from(out, y));
  }
  return out;
}

// So many bytes of a row at a time that their sums stay in registers.
constexpr std::size_t kStrip = 32;

/// @param from    the first of `count` rows, `pitch` bytes apart.
/// @param weights `[count]`.
CLIPPATH_FOR_EACH_PROCESSOR
void mix_rows(const std::uint8_t* from, std::size_t pitch, const std::int32_t* weights, int count,
              std::uint8_t* to) {
  const auto mix_strip = [&](std::size_t first, std::size_t width) __attribute__((always_inline)) {
    std::int32_t sums[kStrip];
    std::fill_n(sums, kStrip, kHalf);
    const std::uint8_t* row = from + first;
    for (int i = 0; i < count; ++i, row += pitch) {
      for (std::size_t b = 0; b < width; ++b) sums[b] += row[b] * weights[i];
    }
    for (std::size_t b = 0; b < width; ++b) to[first + b] = round_sum(sums[b]);
  };
  std::size_t first = 0;
  for (; first + kStrip <= pitch; first += kStrip) mix_strip(first, kStrip);
  mix_strip(first, pitch - first);
}

RgbImage resample_columns(const RgbImage& image, int height, ResampleFilter filter) {
  const AxisWeights axis = weights_of(image.height, height, filter);
  RgbImage out{image.width, height, {}};
  out.pixels.resize(out.size_bytes());
  for (int y = 0; y < height; ++y) {
    const auto line = static_cast<std::size_t>(y);
    mix_rows(image.row(axis.first[line]), row_bytes(image), axis.of(line), axis.count[line],
             out.row(y));
  }
  return out;
}

}  // namespace

RgbImage resample(const RgbImage& image, int width, int height, ResampleFilter filter) {
  CLIPPATH_CHECK(width >= 1 && height >= 1 && !image.empty());
  const RgbImage* source = &image;
  RgbImage narrowed;
  if (width != image.width) {
    narrowed = resample_rows(image, width, filter);
    source = &narrowed;
  }
  return height == source->height ? *source : resample_columns(*source, height, filter);
}

}  // namespace clippath
