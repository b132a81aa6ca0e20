// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <utility>

#include "core/json/json.h"
#include "encoder/weights/weights_file.h"

namespace clippath::test {

/// Collects tensors and writes them as one file.
class SafetensorsWriter {
 public:
  void add(const std::string& name, const StoredTensor& tensor) {
    header_[name] = {{"dtype", to_string(tensor.type)},
                     {"shape", tensor.shape},
                     {"data_offsets", {data_.size(), data_.size() + tensor.bytes.size()}}};
    data_.append(tensor.bytes.begin(), tensor.bytes.end());
  }

  void write(const std::filesystem::path& path) const {
    const std::string text = to_text(header_);
    std::ofstream file(path, std::ios::binary);
    for (std::size_t i = 0; i < 8; ++i) file.put(static_cast<char>(text.size() >> (8 * i)));
    file << text << data_;
  }

 private:
  Json header_ = Json::object();
  std::string data_;
};

}  // namespace clippath::test
