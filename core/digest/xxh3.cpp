// SPDX-License-Identifier: Apache-2.0
#include <xxhash.h>

#include "clippath/core/digest.h"

namespace clippath {

std::uint64_t xxh3(std::span<const std::uint8_t> bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::uint64_t xxh3(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

}  // namespace clippath
