// SPDX-License-Identifier: Apache-2.0
#include "encoder/models/linear.h"

#include <ATen/ops/linear.h>
#include <ATen/ops/randn.h>
#include <c10/core/InferenceMode.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "tests/support/golden_files.h"
#include "tests/unit/encoder/golden_tensors.h"

namespace clippath {
namespace {

struct Shape {
  std::int64_t rows, inputs, outputs;
};

std::string name_of(const testing::TestParamInfo<Shape>& info) {
  return std::to_string(info.param.rows) + "x" + std::to_string(info.param.inputs) + "x" +
         std::to_string(info.param.outputs);
}

class LinearOf : public testing::TestWithParam<Shape> {
 protected:
  c10::InferenceMode inference_;
  Shape shape_ = GetParam();
  at::Tensor x_ = at::randn({shape_.rows, shape_.inputs});
  at::Tensor weight_ = at::randn({shape_.outputs, shape_.inputs}).to(at::kHalf).to(at::kFloat);
  at::Tensor bias_ = at::randn({shape_.outputs});
};

// The weights lose nothing; only the order of additions differs from that of a BLAS.
TEST_P(LinearOf, OfHalvesIsTheProductInFloat32) {
  const double allowed = 2e-6 * static_cast<double>(shape_.inputs);
  test::expect_near(Linear::of_half(weight_, bias_)(x_), at::linear(x_, weight_, bias_), allowed,
                    "with a bias");
  test::expect_near(Linear::of_half(weight_, {})(x_), at::linear(x_, weight_), allowed,
                    "without a bias");
}

TEST_P(LinearOf, OfHalvesKeepsTheOuterDimensions) {
  const Linear linear = Linear::of_half(weight_, bias_);
  const at::Tensor stacked = x_.unsqueeze(0).expand({2, shape_.rows, shape_.inputs});
  const at::Tensor y = linear(stacked);
  ASSERT_EQ(y.sizes(), at::IntArrayRef({2, shape_.rows, shape_.outputs}));
  test::expect_near(y.select(0, 1), linear(x_), 2e-6 * static_cast<double>(shape_.inputs),
                    "second");
}

// Sums are in float32; rows, weights and results are rounded to eight bits.
TEST_P(LinearOf, InBf16IsTheProductOfTheRoundedNumbers) {
  const at::Tensor x = x_.to(at::kBFloat16);
  const at::Tensor weight = weight_.to(at::kBFloat16);
  const at::Tensor bias = bias_.to(at::kBFloat16);
  const at::Tensor exact = at::linear(x.to(at::kFloat), weight.to(at::kFloat));
  const double allowed = std::ldexp(exact.abs().max().item<double>() + 4, -8) + 1e-6;
  const Linear with_bias(weight, bias);
  ASSERT_EQ(with_bias(x).scalar_type(), at::kBFloat16);
  test::expect_near(with_bias(x).to(at::kFloat), exact.add(bias.to(at::kFloat)), allowed,
                    "with a bias");
  test::expect_near(Linear(weight, {})(x).to(at::kFloat), exact, allowed, "without a bias");
}

TEST_P(LinearOf, InFloat32IsTheProduct) {
  const double allowed = 2e-6 * static_cast<double>(shape_.inputs);
  test::expect_near(Linear(weight_, bias_)(x_), at::linear(x_, weight_, bias_), allowed,
                    "with a bias");
  test::expect_near(Linear(weight_, {})(x_), at::linear(x_, weight_), allowed, "without a bias");
}

TEST_P(LinearOf, InBf16KeepsTheOuterDimensions) {
  const Linear linear(weight_.to(at::kBFloat16), bias_.to(at::kBFloat16));
  const at::Tensor x = x_.to(at::kBFloat16);
  const at::Tensor y = linear(x.unsqueeze(0).expand({2, shape_.rows, shape_.inputs}));
  ASSERT_EQ(y.sizes(), at::IntArrayRef({2, shape_.rows, shape_.outputs}));
  test::expect_near(y.select(0, 1).to(at::kFloat), linear(x).to(at::kFloat), 0.05, "second");
}

TEST(HalfLinear, KeepsWhatIsNoNumber) {
  const c10::InferenceMode inference;
  for (const float odd :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    at::Tensor weight = at::randn({16, 32}).to(at::kHalf).to(at::kFloat);
    weight[3][5] = odd;
    const at::Tensor y = Linear::of_half(weight, {})(at::randn({2, 32}));
    EXPECT_FALSE(std::isfinite(y[0][3].item<float>()));
    EXPECT_TRUE(std::isfinite(y[0][4].item<float>()));
  }
}

// One to seven rows are the heights of FBGEMM's kernels; odd widths end within a vector.
const auto kShapes =
    testing::Values(Shape{1, 384, 1536}, Shape{2, 8, 8}, Shape{3, 1536, 384}, Shape{4, 13, 7},
                    Shape{5, 513, 1}, Shape{6, 1, 17}, Shape{7, 768, 255}, Shape{200, 192, 576});
INSTANTIATE_TEST_SUITE_P(Shapes, LinearOf, kShapes, name_of);

}  // namespace
}  // namespace clippath
