// SPDX-License-Identifier: Apache-2.0
#include "store/records/half.h"

#include <bit>

namespace clippath {
namespace {

constexpr std::uint32_t kSignBit = 0x80000000U;
constexpr std::uint32_t kFloatInfinity = 0x7f800000U;
constexpr std::uint16_t kHalfInfinity = 0x7c00U;
constexpr std::uint16_t kHalfQuietNan = 0x7e00U;
constexpr std::uint32_t kHalfOverflow = 0x477ff000U;        // 65520: rounds up to 2^16
constexpr std::uint32_t kHalfSmallestNormal = 0x38800000U;  // 2^-14

}  // namespace

std::uint16_t half_from_float(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>((bits & kSignBit) >> 16U);
  const std::uint32_t magnitude = bits & ~kSignBit;
  std::uint32_t half = 0;
  if (magnitude > kFloatInfinity) {
    half = kHalfQuietNan;
  } else if (magnitude >= kHalfOverflow) {
    half = kHalfInfinity;
  } else if (magnitude < kHalfSmallestNormal) {
    // Adding 0.5 puts the subnormal's last bit (2^-24) at the float's last bit: the processor's own
    // addition rounds to nearest even.
    const float shifted = std::bit_cast<float>(magnitude) + 0.5F;
    half = std::bit_cast<std::uint32_t>(shifted) - std::bit_cast<std::uint32_t>(0.5F);
  } else {
    const std::uint32_t last_kept_bit = (magnitude >> 13U) & 1U;
    half = (magnitude - (112U << 23U) + 0xfffU + last_kept_bit) >> 13U;
  }
  return static_cast<std::uint16_t>(sign | half);
}

float float_from_half(std::uint16_t half) {
  const std::uint32_t sign = (half & 0x8000U) << 16U;
  const std::uint32_t magnitude = half & 0x7fffU;
  if (magnitude >= kHalfInfinity)
    return std::bit_cast<float>(sign | kFloatInfinity | (magnitude & 0x3ffU) << 13U);
  // Shifted into place, the number is 2^-112 of itself, subnormals included; one exact
  // multiplication puts the exponent right.
  const float scaled = std::bit_cast<float>(magnitude << 13U) * 0x1p112F;
  return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(scaled));
}

}  // namespace clippath
