// SPDX-License-Identifier: Apache-2.0
// The table of a safetensors file. The input is tried as a file, and as the header of one, so that
// a change of its length does not make it invalid.
#include "clippath/core/check.h"
#include "encoder/weights/weights_file.h"
#include "tests/fuzz/sections.h"
#include "tests/unit/encoder/safetensors_builder.h"

namespace clippath::fuzz {
namespace {

void check_table(std::span<const std::uint8_t> file) {
  const auto table = parse_tensor_table(file);
  if (!table) {
    CLIPPATH_CHECK(!table.error().message.empty());
    return;
  }
  std::size_t header = 0;
  for (std::size_t i = 0; i < 8; ++i) header |= std::size_t{file[i]} << (8 * i);
  const std::uint8_t* begin = file.data() + 8 + header;
  const std::uint8_t* end = file.data() + file.size();
  std::size_t covered = 0;
  for (const auto& [name, tensor] : *table) {
    std::size_t needed = size_bytes(tensor.type);
    for (std::int64_t side : tensor.shape) {
      CLIPPATH_CHECK(side > 0);
      CLIPPATH_CHECK(!__builtin_mul_overflow(needed, static_cast<std::size_t>(side), &needed));
    }
    CLIPPATH_CHECK(tensor.bytes.size() == needed);
    CLIPPATH_CHECK(tensor.bytes.data() >= begin && tensor.bytes.data() + needed <= end);
    for (const auto& [other_name, other] : *table) {
      CLIPPATH_CHECK(other_name == name || other.bytes.data() != tensor.bytes.data());
    }
    covered += needed;
  }
  CLIPPATH_CHECK(covered == static_cast<std::size_t>(end - begin));
}

}  // namespace
}  // namespace clippath::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace clippath;
  fuzz::check_table({data, size});
  const std::size_t data_bytes = size == 0 ? 0 : data[size - 1];
  fuzz::check_table(test::safetensors_bytes(fuzz::text_of(data, size), data_bytes));
  return 0;
}
