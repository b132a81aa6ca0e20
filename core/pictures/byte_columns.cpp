// SPDX-License-Identifier: Apache-2.0
#include "core/pictures/byte_columns.h"

#include <algorithm>
#include <cstring>

namespace clippath {
namespace {

using TwoLines = std::uint8_t __attribute__((vector_size(2 * kColumnBytes)));

/// 8 x 8 bytes, line behind line.
struct Square {
  TwoLines lines[4];
};

/// The bytes of both halves alternately. The place of a byte in the square is its line and its
/// column in three bits each: these six bits are rotated by one.
Square interleave_halves(const Square& from) {
  const auto& [a, b, c, d] = from.lines;
  const auto low = [](TwoLines first, TwoLines second) {
    return __builtin_shufflevector(first, second, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22,
                                   7, 23);
  };
  const auto high = [](TwoLines first, TwoLines second) {
    return __builtin_shufflevector(first, second, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14,
                                   30, 15, 31);
  };
  return {{low(a, c), high(a, c), low(b, d), high(b, d)}};
}

/// Three rotations exchange the bits of line and column.
Square transpose(const Square& square) {
  return interleave_halves(interleave_halves(interleave_halves(square)));
}

std::uint64_t load(const std::uint8_t* bytes, std::size_t count) {
  std::uint64_t line = 0;
  std::memcpy(&line, bytes, count);
  return line;
}

/// Eight bytes of each row, or `count` of them. From registers: a store of 8 bytes that a load of
/// 16 follows would stall.
Square load_rows(const std::array<const std::uint8_t*, kColumnBytes>& rows, std::size_t first,
                 std::size_t count) {
  using TwoWords = std::uint64_t __attribute__((vector_size(2 * kColumnBytes)));
  Square square;
  for (std::size_t i = 0; i < 4; ++i) {
    const TwoWords lines = {load(rows[2 * i] + first, count), load(rows[2 * i + 1] + first, count)};
    std::memcpy(&square.lines[i], &lines, sizeof(lines));
  }
  return square;
}

}  // namespace

void rows_to_columns(const std::array<const std::uint8_t*, kColumnBytes>& rows, std::size_t count,
                     std::uint8_t* columns) {
  std::size_t i = 0;
  const auto turn = [&](std::size_t width) {
    const Square turned = transpose(load_rows(rows, i, width));
    std::memcpy(columns + i * kColumnBytes, &turned, sizeof(turned));
  };
  for (; i + kColumnBytes <= count; i += kColumnBytes) turn(kColumnBytes);
  if (i < count) turn(count - i);
}

void columns_to_rows(const std::uint8_t* columns, std::size_t count,
                     const std::array<std::uint8_t*, kColumnBytes>& rows) {
  std::size_t i = 0;
  const auto turn = [&](std::size_t width) {
    Square square;
    std::memcpy(&square, columns + i * kColumnBytes, sizeof(square));
    square = transpose(square);
    const auto* lines = reinterpret_cast<const std::uint8_t*>(&square);
    for (std::size_t row = 0; row < kColumnBytes; ++row) {
      std::memcpy(rows[row] + i, lines + row * kColumnBytes, width);
    }
  };
  for (; i + kColumnBytes <= count; i += kColumnBytes) turn(kColumnBytes);
  if (i < count) turn(count - i);
}

}  // namespace clippath
