// SPDX-License-Identifier: Apache-2.0
#include "clippath/core/resample.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <vector>

#include "clippath/core/check.h"
#include "clippath/core/each_processor.h"

namespace clippath {
namespace {

constexpr int kPrecisionBits = 32 - 8 - 2;  // of the integer coefficients, as in Pillow

double bilinear(double t) { return std::max(0.0, 1.0 - std::abs(t)); }

double bicubic(double t) {
  constexpr double a = -0.5;
  t = std::abs(t);
  if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  if (t < 2) return (((t - 5) * t + 8) * t - 4) * a;
  return 0;
}

double lanczos(double t) {
  if (t < -3 || t >= 3) return 0;
  const auto sinc = [](double x) {
    return x == 0 ? 1.0 : std::sin(x * std::numbers::pi) / (x * std::numbers::pi);
  };
  return sinc(t) * sinc(t / 3);
}

struct Kernel {
  double (*weight)(double);
  double radius;
};

Kernel kernel_of(ResampleFilter filter) {
  switch (filter) {
    case ResampleFilter::kBilinear: return {bilinear, 1};
    case ResampleFilter::kBicubic: return {bicubic, 2};
    case ResampleFilter::kLanczos: return {lanczos, 3};
  }
  return {bicubic, 2};
}

/// For each output position of one axis: which inputs it is made of, with which integer weights.
struct AxisWeights {
  std::vector<int> first;             // per output
  std::vector<int> count;             // per output
  std::vector<std::int32_t> weights;  // [outputs, stride]
  int stride = 0;
};

AxisWeights weights_of(int in_size, int out_size, const Kernel& kernel) {
  const double scale = static_cast<double>(in_size) / out_size;
  const double filter_scale = std::max(scale, 1.0);
  const double support = kernel.radius * filter_scale;
  AxisWeights axis;
  axis.stride = static_cast<int>(std::ceil(support)) * 2 + 1;
  axis.weights.resize(static_cast<std::size_t>(axis.stride) * static_cast<std::size_t>(out_size));
  std::vector<double> exact;
  for (int out = 0; out < out_size; ++out) {
    const double centre = (out + 0.5) * scale;
    const int low = std::max(0, static_cast<int>(centre - support + 0.5));
    const int high = std::min(in_size, static_cast<int>(centre + support + 0.5));
    exact.clear();
    double sum = 0;
    for (int i = 0; i < high - low; ++i) {
      exact.push_back(kernel.weight((i + low - centre + 0.5) * (1.0 / filter_scale)));
      sum += exact.back();
    }
    std::int32_t* row =
        axis.weights.data() + static_cast<std::size_t>(out) * static_cast<std::size_t>(axis.stride);
    for (std::size_t i = 0; i < exact.size(); ++i) {
      const double scaled = (sum == 0 ? exact[i] : exact[i] * (1.0 / sum)) * (1 << kPrecisionBits);
      row[i] = static_cast<std::int32_t>(scaled + (scaled < 0 ? -0.5 : 0.5));
    }
    axis.first.push_back(low);
    axis.count.push_back(high - low);
  }
  return axis;
}

constexpr std::int32_t kHalf = 1 << (kPrecisionBits - 1);

// Rows that are narrowed beside each other: their bytes of one column lie together, so that one
// instruction serves them all.
constexpr int kRowsAtOnce = 8;
using ColumnValues = std::int16_t __attribute__((vector_size(2 * kRowsAtOnce)));
using ColumnSums = std::int32_t __attribute__((vector_size(4 * kRowsAtOnce)));

/// The same rows of a picture, row behind row elsewhere: `[width * 3]` of ColumnValues.
using RowBlock = std::vector<ColumnValues>;

CLIPPATH_FOR_EACH_PROCESSOR
void gather_rows(const std::array<const std::uint8_t*, kRowsAtOnce>& rows, RowBlock& block) {
  auto* values = reinterpret_cast<std::int16_t*>(block.data());
  for (std::size_t b = 0; b < block.size(); ++b) {
    for (std::size_t row = 0; row < kRowsAtOnce; ++row)
      values[b * kRowsAtOnce + row] = rows[row][b];
  }
}

CLIPPATH_FOR_EACH_PROCESSOR
void scatter_rows(const RowBlock& block, RgbImage& out, int y) {
  const auto* values = reinterpret_cast<const std::int16_t*>(block.data());
  for (int row = 0; row < kRowsAtOnce && y + row < out.height; ++row) {
    std::uint8_t* to = out.row(y + row);
    for (std::size_t b = 0; b < block.size(); ++b) {
      to[b] = static_cast<std::uint8_t>(values[b * kRowsAtOnce + static_cast<std::size_t>(row)]);
    }
  }
}

CLIPPATH_FOR_EACH_PROCESSOR
void narrow_rows(const RowBlock& block, const AxisWeights& axis, RowBlock& narrowed) {
  for (std::size_t column = 0; column < axis.first.size(); ++column) {
    const std::int32_t* weight =
        axis.weights.data() + column * static_cast<std::size_t>(axis.stride);
    const ColumnValues* in = block.data() + static_cast<std::size_t>(axis.first[column]) * 3;
    ColumnSums sums[3];
    for (ColumnSums& sum : sums) sum = ColumnSums{} + kHalf;
    for (int i = 0; i < axis.count[column]; ++i, in += 3) {
      for (std::size_t c = 0; c < 3; ++c) {
        sums[c] += __builtin_convertvector(in[c], ColumnSums) * weight[i];
      }
    }
    for (std::size_t c = 0; c < 3; ++c) {
      ColumnSums sum = sums[c] >> kPrecisionBits;
      sum = sum < 0 ? 0 : sum;
      sum = sum > 255 ? 255 : sum;
      narrowed[column * 3 + c] = __builtin_convertvector(sum, ColumnValues);
    }
  }
}

RgbImage resample_rows(const RgbImage& image, int width, const Kernel& kernel) {
  const AxisWeights axis = weights_of(image.width, width, kernel);
  RgbImage out{width, image.height, {}};
  out.pixels.resize(out.size_bytes());
  RowBlock block(static_cast<std::size_t>(image.width) * 3);
  RowBlock narrowed(static_cast<std::size_t>(width) * 3);
  for (int y = 0; y < image.height; y += kRowsAtOnce) {
    std::array<const std::uint8_t*, kRowsAtOnce> rows;
    for (int row = 0; row < kRowsAtOnce; ++row) {
      rows[static_cast<std::size_t>(row)] = image.row(std::min(y + row, image.height - 1));
    }
    gather_rows(rows, block);
    narrow_rows(block, axis, narrowed);
    scatter_rows(narrowed, out, y);
  }
  return out;
}

// Whole rows at a time: the loop has one weight and consecutive bytes.
CLIPPATH_FOR_EACH_PROCESSOR
void add_row(const std::uint8_t* row, std::int32_t weight, std::vector<std::int32_t>& sums) {
  std::int32_t* sum = sums.data();
  for (std::size_t b = 0; b < sums.size(); ++b) sum[b] += row[b] * weight;
}

CLIPPATH_FOR_EACH_PROCESSOR
void store_row(const std::vector<std::int32_t>& sums, std::uint8_t* row) {
  const std::int32_t* sum = sums.data();
  const std::size_t count = sums.size();
  for (std::size_t b = 0; b < count; ++b) {
    row[b] = static_cast<std::uint8_t>(std::clamp(sum[b] >> kPrecisionBits, 0, 255));
  }
}

RgbImage resample_columns(const RgbImage& image, int height, const Kernel& kernel) {
  const AxisWeights axis = weights_of(image.height, height, kernel);
  RgbImage out{image.width, height, {}};
  out.pixels.resize(out.size_bytes());
  const std::size_t row_bytes = static_cast<std::size_t>(image.width) * 3;
  std::vector<std::int32_t> sums(row_bytes);
  for (int y = 0; y < height; ++y) {
    const auto line = static_cast<std::size_t>(y);
    const std::int32_t* weight = axis.weights.data() + line * static_cast<std::size_t>(axis.stride);
    std::fill(sums.begin(), sums.end(), kHalf);
    for (int i = 0; i < axis.count[line]; ++i) {
      add_row(image.row(axis.first[line] + i), weight[i], sums);
    }
    store_row(sums, out.row(y));
  }
  return out;
}

}  // namespace

RgbImage resample(const RgbImage& image, int width, int height, ResampleFilter filter) {
  CLIPPATH_CHECK(width >= 1 && height >= 1 && !image.empty());
  const Kernel kernel = kernel_of(filter);
  const RgbImage* source = &image;
  RgbImage narrowed;
  if (width != image.width) {
    narrowed = resample_rows(image, width, kernel);
    source = &narrowed;
  }
  return height == source->height ? *source : resample_columns(*source, height, kernel);
}

}  // namespace clippath
