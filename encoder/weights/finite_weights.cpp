// SPDX-License-Identifier: Apache-2.0
#include "encoder/weights/finite_weights.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <limits>
#include <string>

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

bool all_finite(TensorType type, std::span<const std::uint8_t> bytes) {
  switch (type) {
    case TensorType::kF16: return largest_half(bytes) < 0x7C00;
    case TensorType::kBf16: return largest_half(bytes) < 0x7F80;
    case TensorType::kF32: return largest_single(bytes) < 0x7F80'0000;
    case TensorType::kF64: {
      // Computed with as float32, so what is beyond that becomes infinite.
      constexpr double kMost = std::numeric_limits<float>::max();
      std::int64_t most = 0;
      std::memcpy(&most, &kMost, sizeof most);
      return largest_double(bytes) <= most;
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

/// Bytes up to the end of the number in which this one lies.
std::size_t rounded_up(std::size_t bytes, std::size_t number) {
  return (bytes + number - 1) / number * number;
}

}  // namespace

FiniteCheck::FiniteCheck(const TensorTable& tensors, const ExpectedTensors& expected)
    : first_(expected.size()) {
  for (const auto& [name, shape] : expected) {
    const StoredTensor& tensor = tensors.find(name)->second;
    tensors_.push_back({tensor.type, tensor.bytes, tensors_.size(), name});
  }
  std::sort(tensors_.begin(), tensors_.end(), [](const Tensor& a, const Tensor& b) {
    return std::less<>()(a.bytes.data(), b.bytes.data());
  });
}

void FiniteCheck::look(std::span<const std::uint8_t> part) {
  const std::uint8_t* begin = part.data();
  const std::uint8_t* end = begin + part.size();
  auto tensor = std::partition_point(tensors_.begin(), tensors_.end(), [&](const Tensor& one) {
    return !std::less<>()(begin, one.bytes.data() + one.bytes.size());
  });
  for (; tensor != tensors_.end() && std::less<>()(tensor->bytes.data(), end); ++tensor) {
    const auto& bytes = tensor->bytes;
    const std::size_t number = size_bytes(tensor->type);
    const auto skipped = static_cast<std::size_t>(std::max(begin, bytes.data()) - bytes.data());
    const auto reached =
        static_cast<std::size_t>(std::min(end, bytes.data() + bytes.size()) - bytes.data());
    const std::size_t from = rounded_up(skipped, number);
    const std::size_t to = rounded_up(reached, number);
    if (all_finite(tensor->type, bytes.subspan(from, to - from))) continue;
    std::size_t before = first_;
    while (tensor->place < before && !first_.compare_exchange_weak(before, tensor->place)) {
    }
  }
}

Result<void> FiniteCheck::finish() const {
  const auto found = std::find_if(tensors_.begin(), tensors_.end(), [&](const Tensor& tensor) {
    return tensor.place == first_.load();
  });
  if (found == tensors_.end()) return {};
  return fail(ErrorKind::kCorruption,
              "tensor " + std::string(found->name) +
                  " holds a number that is NaN, infinite or beyond float32; get the weights again "
                  "from where they come from");
}

Result<void> check_finite(const TensorTable& tensors, const ExpectedTensors& expected) {
  FiniteCheck check(tensors, expected);
  for (const auto& [name, shape] : expected) check.look(tensors.find(name)->second.bytes);
  return check.finish();
}

}  // namespace clippath
