// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace clippath {

/// How many rows are turned into columns beside each other.
inline constexpr std::size_t kColumnBytes = 8;

/// Room that so many columns need, in bytes: they are written and read by groups of eight.
constexpr std::size_t bytes_of_columns(std::size_t count) {
  return (count + kColumnBytes - 1) / kColumnBytes * kColumnBytes * kColumnBytes;
}

/// `columns[8 i + row] = rows[row][i]`, so that one vector instruction serves eight rows.
/// @param count    bytes of each row.
/// @param columns  `[bytes_of_columns(count)]`; what is behind the last column is set too.
void rows_to_columns(const std::array<const std::uint8_t*, kColumnBytes>& rows, std::size_t count,
                     std::uint8_t* columns);

/// And back.
/// @param columns  `[bytes_of_columns(count)]`.
void columns_to_rows(const std::uint8_t* columns, std::size_t count,
                     const std::array<std::uint8_t*, kColumnBytes>& rows);

}  // namespace clippath
