// SPDX-License-Identifier: Apache-2.0
#include "encoder/weights/finite_weights.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <limits>
#include <thread>
#include <vector>

#include "clippath/core/on_threads.h"

namespace clippath {
namespace {

constexpr std::size_t kBlock = 2048;  // numbers; they stay in the first cache

/// Whether `bad` is true of any number. Without an exit within a block, so that the compiler
/// compares many at once; copied, since a file need not align them.
template <class Number, class Bad>
bool any_of_stored(std::span<const std::uint8_t> bytes, const Bad& bad) {
  std::array<Number, kBlock> block;
  while (!bytes.empty()) {
    const std::size_t size = std::min(bytes.size(), sizeof block);
    std::memcpy(block.data(), bytes.data(), size);
    bytes = bytes.subspan(size);
    const std::size_t count = size / sizeof(Number);
    Number found = 0;
    for (std::size_t i = 0; i < count; ++i) found |= static_cast<Number>(bad(block[i]));
    if (found != 0) return true;
  }
  return false;
}

/// NaN and infinities have all bits of the exponent set.
template <class Bits>
bool any_with_full_exponent(std::span<const std::uint8_t> bytes, Bits exponent) {
  return any_of_stored<Bits>(bytes,
                             [exponent](Bits number) { return (number & exponent) == exponent; });
}

bool holds_not_finite(TensorType type, std::span<const std::uint8_t> bytes) {
  switch (type) {
    case TensorType::kF16: return any_with_full_exponent<std::uint16_t>(bytes, 0x7C00);
    case TensorType::kBf16: return any_with_full_exponent<std::uint16_t>(bytes, 0x7F80);
    case TensorType::kF32: return any_with_full_exponent<std::uint32_t>(bytes, 0x7F800000);
    case TensorType::kF64: {
      // Computed with as float32, so what is beyond that becomes infinite. As bits, without the
      // sign: their order is that of the numbers, and NaN stands above all of them.
      constexpr double kMost = std::numeric_limits<float>::max();
      std::uint64_t most = 0;
      std::memcpy(&most, &kMost, sizeof most);
      return any_of_stored<std::uint64_t>(bytes, [most](std::uint64_t number) {
        return (number & ~(std::uint64_t{1} << 63U)) > most;
      });
    }
    case TensorType::kI64:
    case TensorType::kI32:
    case TensorType::kI16:
    case TensorType::kI8:
    case TensorType::kU8:
    case TensorType::kBool: return false;
  }
  return false;
}

struct Piece {
  std::size_t tensor;  ///< its place among the expected ones
  TensorType type;
  std::span<const std::uint8_t> bytes;
};

constexpr std::size_t kPieceBytes = 4U << 20U;  // whole numbers of every type

std::vector<Piece> pieces_of(const TensorTable& tensors, const ExpectedTensors& expected) {
  std::vector<Piece> pieces;
  std::size_t place = 0;
  for (const auto& [name, shape] : expected) {
    const StoredTensor& tensor = tensors.find(name)->second;
    for (auto rest = tensor.bytes; !rest.empty();) {
      const std::size_t size = std::min(rest.size(), kPieceBytes);
      pieces.push_back({place, tensor.type, rest.first(size)});
      rest = rest.subspan(size);
    }
    ++place;
  }
  return pieces;
}

}  // namespace

Result<void> check_finite(const TensorTable& tensors, const ExpectedTensors& expected) {
  const std::vector<Piece> pieces = pieces_of(tensors, expected);
  // Not the first that a thread meets: a message must not depend on chance.
  std::atomic<std::size_t> first = expected.size();
  on_threads(pieces.size(), static_cast<int>(std::thread::hardware_concurrency()),
             [&](std::size_t i) {
               const Piece& piece = pieces[i];
               if (!holds_not_finite(piece.type, piece.bytes)) return true;
               std::size_t before = first;
               while (piece.tensor < before && !first.compare_exchange_weak(before, piece.tensor)) {
               }
               return false;  // pieces are begun in order, so no earlier tensor is left out
             });
  if (first == expected.size()) return {};
  const auto& name = std::next(expected.begin(), static_cast<std::ptrdiff_t>(first.load()))->first;
  return fail(ErrorKind::kCorruption,
              "tensor " + name +
                  " holds a number that is NaN, infinite or beyond float32; get the weights again "
                  "from where they come from");
}

}  // namespace clippath
