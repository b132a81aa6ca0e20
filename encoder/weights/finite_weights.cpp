// SPDX-License-Identifier: Apache-2.0
#include "encoder/weights/finite_weights.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "clippath/core/each_processor.h"

namespace clippath {
namespace {

/// The largest number without its sign, as bits: their order is that of the numbers, with
/// infinities above all of them and NaN above those. Without an exit before the end, so that the
/// compiler looks at many at once.
template <class Bits>
Bits largest_of(std::span<const std::uint8_t> bytes) {
  Bits largest = 0;
  for (std::size_t i = 0; i + sizeof(Bits) <= bytes.size(); i += sizeof(Bits)) {
    Bits number = 0;
    std::memcpy(&number, bytes.data() + i, sizeof number);  // a file need not align it
    largest = std::max(largest, static_cast<Bits>(number & std::numeric_limits<Bits>::max()));
  }
  return largest;
}

// Signed, as the least processors compare them.
CLIPPATH_FOR_EACH_PROCESSOR std::int16_t largest_half(std::span<const std::uint8_t> bytes) {
  return largest_of<std::int16_t>(bytes);
}

CLIPPATH_FOR_EACH_PROCESSOR std::int32_t largest_single(std::span<const std::uint8_t> bytes) {
  return largest_of<std::int32_t>(bytes);
}

CLIPPATH_FOR_EACH_PROCESSOR std::int64_t largest_double(std::span<const std::uint8_t> bytes) {
  return largest_of<std::int64_t>(bytes);
}

bool is_finite(const StoredTensor& tensor) {
  switch (tensor.type) {
    case TensorType::kF16: return largest_half(tensor.bytes) < 0x7C00;
    case TensorType::kBf16: return largest_half(tensor.bytes) < 0x7F80;
    case TensorType::kF32: return largest_single(tensor.bytes) < 0x7F80'0000;
    case TensorType::kF64: {
      // Computed with as float32, so what is beyond that becomes infinite.
      constexpr double kMost = std::numeric_limits<float>::max();
      std::int64_t most = 0;
      std::memcpy(&most, &kMost, sizeof most);
      return largest_double(tensor.bytes) <= most;
    }
    case TensorType::kI64:
    case TensorType::kI32:
    case TensorType::kI16:
    case TensorType::kI8:
    case TensorType::kU8:
    case TensorType::kBool: return true;
  }
  return true;
}

}  // namespace

Result<void> check_finite(const TensorTable& tensors, const ExpectedTensors& expected) {
  for (const auto& [name, shape] : expected) {
    if (is_finite(tensors.find(name)->second)) continue;
    return fail(ErrorKind::kCorruption,
                "tensor " + name +
                    " holds a number that is NaN, infinite or beyond float32; get the weights "
                    "again from where they come from");
  }
  return {};
}

}  // namespace clippath
