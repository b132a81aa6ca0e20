// SPDX-License-Identifier: Apache-2.0
#include "core/pictures/axis_weights.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace clippath {
namespace {

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

}  // namespace

AxisWeights weights_of(int in_size, int out_size, ResampleFilter filter) {
  const Kernel kernel = kernel_of(filter);
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

}  // namespace clippath
