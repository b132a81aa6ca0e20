// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "clippath/core/files.h"
#include "core/json/json.h"
#include "encoder/weights/weights_file.h"

namespace clippath::test {

inline std::filesystem::path source_dir() { return CLIPPATH_SOURCE_DIR; }
inline std::filesystem::path golden_dir() { return source_dir() / "tests/golden"; }

/// Throws if it cannot be read: a golden file that is missing must not pass.
inline Json read_json(const std::filesystem::path& path) {
  const auto text = read_text_file(path, 64U << 20U);
  if (!text) throw std::runtime_error(text.error().message);
  auto json = parse_json(*text, {.max_bytes = 64U << 20U});
  if (!json) throw std::runtime_error(json.error().message);
  return std::move(*json);
}

inline WeightsFile open_golden(const std::filesystem::path& path) {
  auto file = open_weights_file(path);
  if (!file) throw std::runtime_error(file.error().message);
  return std::move(*file);
}

/// The elements of a stored tensor of this C++ type.
template <class T>
std::vector<T> values(const StoredTensor& tensor) {
  if (size_bytes(tensor.type) != sizeof(T)) throw std::runtime_error("another type is stored");
  std::vector<T> copy(tensor.bytes.size() / sizeof(T));
  std::memcpy(copy.data(), tensor.bytes.data(), tensor.bytes.size());
  return copy;
}

}  // namespace clippath::test
