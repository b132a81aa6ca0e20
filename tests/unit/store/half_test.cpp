// SPDX-License-Identifier: Apache-2.0
#include "store/records/half.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace clippath {
namespace {

/// By the definition of binary16.
double value_of(std::uint16_t half) {
  const double sign = (half & 0x8000U) != 0 ? -1 : 1;
  const int exponent = (half >> 10U) & 0x1f;
  const int fraction = half & 0x3ff;
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(1024 + fraction, exponent - 25);
}

bool is_finite(std::uint16_t half) { return (half & 0x7c00U) != 0x7c00U; }

TEST(Half, ReadsEveryFiniteValueExactly) {
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    if (is_finite(half)) {
      ASSERT_EQ(double{float_from_half(half)}, value_of(half)) << bits;
    }
  }
}

TEST(Half, ComesBackFromFloatForEveryValue) {
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const float value = float_from_half(half);
    if (std::isnan(value)) {
      ASSERT_TRUE(std::isnan(float_from_half(half_from_float(value))));
    } else {
      ASSERT_EQ(half_from_float(value), half) << bits;
    }
  }
}

TEST(Half, RoundsToTheNearestAndTiesToEven) {
  // Between every two neighbours: just below the middle, the middle, just above.
  for (std::uint32_t bits = 0; bits < 0x7bffU; ++bits) {
    const auto low = static_cast<std::uint16_t>(bits);
    const auto high = static_cast<std::uint16_t>(bits + 1);
    const float middle = (float_from_half(low) + float_from_half(high)) / 2;
    ASSERT_EQ(half_from_float(middle), bits % 2 == 0 ? low : high) << bits;
    ASSERT_EQ(half_from_float(std::nextafter(middle, 0.0F)), low) << bits;
    ASSERT_EQ(half_from_float(std::nextafter(middle, 1e9F)), high) << bits;
  }
}

TEST(Half, TurnsWhatIsTooLargeIntoInfinity) {
  EXPECT_EQ(half_from_float(65519.996F), 0x7bff);
  EXPECT_EQ(half_from_float(65520.0F), 0x7c00);
  EXPECT_EQ(half_from_float(-1e30F), 0xfc00);
  EXPECT_EQ(half_from_float(std::numeric_limits<float>::infinity()), 0x7c00);
}

#if defined(__x86_64__)
__attribute__((target("f16c"))) std::uint16_t processor_half(float value) {
  return static_cast<std::uint16_t>(_cvtss_sh(value, _MM_FROUND_TO_NEAREST_INT));
}

TEST(Half, AgreesWithTheProcessor) {
  if (!__builtin_cpu_supports("f16c")) GTEST_SKIP() << "this processor has no F16C";
  std::mt19937 random(1);
  for (int i = 0; i < 1'000'000; ++i) {
    const auto value = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
    if (!std::isnan(value)) {
      ASSERT_EQ(half_from_float(value), processor_half(value)) << value;
    }
  }
}
#endif

}  // namespace
}  // namespace clippath
