// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "clippath/core/embedding.h"
#include "clippath/core/result.h"

namespace clippath::cli {

/// What stands beside each vector in the output.
struct VectorLabels {
  std::string key;                   ///< "text" or "image"; empty: only numbers
  std::vector<std::string> names;    ///< one a row, where there is a key
  std::vector<std::size_t> indexes;  ///< place of each row among the inputs

  void number_all() { number_all(names.size()); }
  void number_all(std::size_t count);
};

/// Prints `{"index": 0, "text": "...", "vector": [...]}`, a line each. Numbers are as short as they
/// can be and still give the same float.
void print_vectors(const VectorLabels& labels, const EmbeddingMatrix& vectors);

/// Writes NumPy's format, version 1.0: little-endian float32, `[rows, dimension]`. Fails: as
/// write_file_durably.
Result<void> write_npy(const std::filesystem::path& path, const EmbeddingMatrix& vectors);

}  // namespace clippath::cli
