// SPDX-License-Identifier: Apache-2.0
#include "cli/vector_output.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <cstring>

#include "clippath/core/files.h"
#include "clippath/core/npy.h"
#include "core/json/json.h"

namespace clippath::cli {
namespace {

/// The double that prints as the shortest text of this float.
double shortest(float value) {
  std::array<char, 32> text{};
  const char* end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  double same = 0;
  std::from_chars(text.data(), end, same);
  return same;
}

}  // namespace

void VectorLabels::number_all(std::size_t count) {
  indexes.resize(count);
  for (std::size_t i = 0; i < count; ++i) indexes[i] = i;
}

void print_vectors(const VectorLabels& labels, const EmbeddingMatrix& vectors) {
  for (std::size_t row = 0; row < vectors.rows; ++row) {
    Json line = Json::object();
    line["index"] = labels.indexes[row];
    if (!labels.key.empty()) line[labels.key] = labels.names[row];
    Json numbers = Json::array();
    for (float value : vectors.row(row)) numbers.push_back(shortest(value));
    line["vector"] = std::move(numbers);
    std::printf("%s\n", to_text(line).c_str());
  }
}

Result<void> write_npy(const std::filesystem::path& path, const EmbeddingMatrix& vectors) {
  const std::string header = npy_header(vectors.rows, vectors.dimension);
  std::vector<std::uint8_t> file(header.begin(), header.end());
  file.resize(header.size() + vectors.values.size() * sizeof(float));
  std::memcpy(file.data() + header.size(), vectors.values.data(),
              vectors.values.size() * sizeof(float));
  return write_file_durably(path, file);
}

}  // namespace clippath::cli
