// SPDX-License-Identifier: Apache-2.0
#include <bit>

#include "clippath/core/check.h"
#include "clippath/vectors.h"

namespace clippath {

RowSet::RowSet(std::int64_t rows, bool all)
    : rows_(rows), bits_(static_cast<std::size_t>((rows + 7) / 8), all ? 0xff : 0) {
  CLIPPATH_CHECK(rows >= 0);
  // count() counts bits: those behind the last row stay zero.
  if (all && rows % 8 != 0) bits_.back() = static_cast<std::uint8_t>((1U << (rows % 8)) - 1U);
}

std::int64_t RowSet::count() const {
  std::int64_t set = 0;
  for (std::uint8_t byte : bits_) set += std::popcount(byte);
  return set;
}

}  // namespace clippath
