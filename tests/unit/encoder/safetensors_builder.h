// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace clippath::test {

/// A safetensors file from any header text, right or wrong.
inline std::vector<std::uint8_t> safetensors_bytes(std::string_view header,
                                                   std::size_t data_bytes) {
  std::vector<std::uint8_t> file(8 + header.size() + data_bytes);
  for (std::size_t i = 0; i < 8; ++i) {
    file[i] = static_cast<std::uint8_t>(std::uint64_t{header.size()} >> (8 * i));
  }
  std::memcpy(file.data() + 8, header.data(), header.size());
  return file;
}

/// The entry of one F32 tensor.
inline std::string entry(const std::string& name, const std::string& shape, std::uint64_t begin,
                         std::uint64_t end, const std::string& dtype = "F32") {
  return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape +
         ",\"data_offsets\":[" + std::to_string(begin) + "," + std::to_string(end) + "]}";
}

/// A file with these entries in its header and `data_bytes` zeros.
inline std::vector<std::uint8_t> safetensors_of(const std::string& entries,
                                                std::size_t data_bytes) {
  std::string header = "{";
  header.append(entries).append("}");
  return safetensors_bytes(header, data_bytes);
}

}  // namespace clippath::test
