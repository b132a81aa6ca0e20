// SPDX-License-Identifier: Apache-2.0
#include "clippath/core/resample.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <vector>

#include "clippath/core/check.h"

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

std::uint8_t to_byte(std::int32_t accumulator) {
  return static_cast<std::uint8_t>(std::clamp(accumulator >> kPrecisionBits, 0, 255));
}

constexpr std::int32_t kHalf = 1 << (kPrecisionBits - 1);

RgbImage resample_rows(const RgbImage& image, int width, const Kernel& kernel) {
  const AxisWeights axis = weights_of(image.width, width, kernel);
  RgbImage out{width, image.height, {}};
  out.pixels.resize(out.size_bytes());
  for (int y = 0; y < image.height; ++y) {
    const std::uint8_t* in_row = image.row(y);
    std::uint8_t* out_row = out.row(y);
    for (int x = 0; x < width; ++x) {
      const auto column = static_cast<std::size_t>(x);
      const std::int32_t* weight =
          axis.weights.data() + column * static_cast<std::size_t>(axis.stride);
      const std::uint8_t* in = in_row + static_cast<std::size_t>(axis.first[column]) * 3;
      std::int32_t red = kHalf;
      std::int32_t green = kHalf;
      std::int32_t blue = kHalf;
      for (int i = 0; i < axis.count[column]; ++i, in += 3) {
        red += in[0] * weight[i];
        green += in[1] * weight[i];
        blue += in[2] * weight[i];
      }
      out_row[column * 3] = to_byte(red);
      out_row[column * 3 + 1] = to_byte(green);
      out_row[column * 3 + 2] = to_byte(blue);
    }
  }
  return out;
}

RgbImage resample_columns(const RgbImage& image, int height, const Kernel& kernel) {
  const AxisWeights axis = weights_of(image.height, height, kernel);
  RgbImage out{image.width, height, {}};
  out.pixels.resize(out.size_bytes());
  const std::size_t row_bytes = static_cast<std::size_t>(image.width) * 3;
  std::vector<std::int32_t> accumulator(row_bytes);
  for (int y = 0; y < height; ++y) {
    const auto line = static_cast<std::size_t>(y);
    const std::int32_t* weight = axis.weights.data() + line * static_cast<std::size_t>(axis.stride);
    std::fill(accumulator.begin(), accumulator.end(), kHalf);
    // Whole rows at a time: the inner loop has one weight and consecutive bytes, which compilers
    // turn into vector code.
    for (int i = 0; i < axis.count[line]; ++i) {
      const std::uint8_t* in = image.row(axis.first[line] + i);
      const std::int32_t w = weight[i];
      for (std::size_t b = 0; b < row_bytes; ++b) accumulator[b] += in[b] * w;
    }
    std::transform(accumulator.begin(), accumulator.end(), out.row(y), to_byte);
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
