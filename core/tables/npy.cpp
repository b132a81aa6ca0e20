// SPDX-License-Identifier: Apache-2.0
#include "clippath/core/npy.h"

#include <bit>

namespace clippath {
namespace {

constexpr std::size_t kNpyAlignment = 64;

}  // namespace

std::string npy_header(std::size_t rows, std::size_t dimension) {
  static_assert(std::endian::native == std::endian::little);
  std::string fields = "{'descr': '<f4', 'fortran_order': False, 'shape': (" +
                       std::to_string(rows) + ", " + std::to_string(dimension) + "), }";
  const std::size_t before = 10;  // magic, version, length of the fields
  while ((before + fields.size() + 1) % kNpyAlignment != 0) fields += ' ';
  fields += '\n';
  std::string header("\x93NUMPY\x01\x00", 8);
  header += static_cast<char>(fields.size() & 0xFFU);
  header += static_cast<char>(fields.size() >> 8U);
  return header + fields;
}

}  // namespace clippath
