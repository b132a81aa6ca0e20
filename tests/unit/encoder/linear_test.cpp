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

class HalfLinearOf : public testing::TestWithParam<Shape> {
 protected:
  c10::InferenceMode inference_;
  Shape shape_ = GetParam();
  at::Tensor x_ = at::randn({shape_.rows, shape_.inputs});
  at::Tensor weight_ = at::randn({shape_.outputs, shape_.inputs}).to(at::kHalf).to(at::kFloat);
  at::Tensor bias_ = at::randn({shape_.outputs});
};

// The weights lose nothing; only the order of additions differs from that of a BLAS.
TEST_P(HalfLinearOf, IsTheProductInFloat32) {
  const double allowed = 2e-6 * static_cast<double>(shape_.inputs);
  test::expect_near(Linear::of_half(weight_, bias_)(x_), at::linear(x_, weight_, bias_), allowed,
                    "with a bias");
  test::expect_near(Linear::of_half(weight_, {})(x_), at::linear(x_, weight_), allowed,
                    "without a bias");
}

TEST_P(HalfLinearOf, KeepsTheOuterDimensions) {
  const Linear linear = Linear::of_half(weight_, bias_);
  const at::Tensor stacked = x_.unsqueeze(0).expand({2, shape_.rows, shape_.inputs});
  const at::Tensor y = linear(stacked);
  ASSERT_EQ(y.sizes(), at::IntArrayRef({2, shape_.rows, shape_.outputs}));
  test::expect_near(y.select(0, 1), linear(x_), 2e-6 * static_cast<double>(shape_.inputs),
                    "second");
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
INSTANTIATE_TEST_SUITE_P(Shapes, HalfLinearOf,
                         testing::Values(Shape{1, 384, 1536}, Shape{2, 8, 8}, Shape{3, 1536, 384},
                                         Shape{4, 13, 7}, Shape{5, 513, 1}, Shape{6, 1, 17},
                                         Shape{7, 768, 255}, Shape{200, 192, 576}),
                         name_of);

}  // namespace
}  // namespace clippath
