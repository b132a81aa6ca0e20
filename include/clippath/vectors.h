// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "clippath/core/embedding.h"
#include "clippath/core/result.h"

namespace clippath {

/// A row of an index with its likeness to the query, the cosine in [-1, 1].
struct RowHit {
  std::int64_t row = 0;
  float similarity = 0;
  friend bool operator==(const RowHit&, const RowHit&) = default;
};

/// One bit a row: whether a search may answer with it.
class RowSet {
 public:
  explicit RowSet(std::int64_t rows, bool all = false);
  void insert(std::int64_t row) {
    bits_[static_cast<std::size_t>(row >> 3)] |= static_cast<std::uint8_t>(1U << (row & 7));
  }
  void erase(std::int64_t row) {
    bits_[static_cast<std::size_t>(row >> 3)] &= static_cast<std::uint8_t>(~(1U << (row & 7)));
  }
  [[nodiscard]] bool contains(std::int64_t row) const {
    return (bits_[static_cast<std::size_t>(row >> 3)] >> (row & 7) & 1U) != 0;
  }
  [[nodiscard]] std::int64_t count() const;
  [[nodiscard]] std::int64_t rows() const { return rows_; }
  [[nodiscard]] std::span<const std::uint8_t> bytes() const { return bits_; }

 private:
  std::int64_t rows_;
  std::vector<std::uint8_t> bits_;
};

/// The exact (flat) index over half-precision unit vectors: every search looks at every allowed
/// row. Immutable: share freely; searches may run beside each other. Rows are 0 .. rows() - 1 in
/// the order in which they were added.
class VectorIndex {
 public:
  virtual ~VectorIndex() = default;
  [[nodiscard]] virtual std::int64_t rows() const = 0;
  [[nodiscard]] virtual std::size_t dimension() const = 0;

  /// The k most similar allowed rows by falling similarity, then rising row: ties at the end are
  /// resolved by row, so the answer is the one that a sorted exact scan gives. Fewer than k only
  /// when fewer are allowed.
  /// @param query  unit length, `[dimension]`.
  /// Fails: kInvalidArgument for a wrong dimension, a value that is not finite, or k < 1.
  [[nodiscard]] virtual Result<std::vector<RowHit>> search(std::span<const float> query,
                                                           std::int64_t k,
                                                           const RowSet* allowed) const = 0;

  /// Similarity of the query to these rows, in their order.
  [[nodiscard]] virtual Result<std::vector<float>> similarities(
      std::span<const float> query, std::span<const std::int64_t> rows) const = 0;

  /// The stored vector of a row (half precision, as float).
  [[nodiscard]] virtual Embedding vector(std::int64_t row) const = 0;

  /// Writes the index and returns the file's SHA-256 in hex. Durable when it returns.
  /// Fails: kOutOfSpace, kInternal.
  [[nodiscard]] virtual Result<std::string> write(const std::filesystem::path& path) const = 0;
};

/// @param vectors  `[n, dimension]`, unit rows; n may be 0.
Result<std::unique_ptr<const VectorIndex>> make_flat_index(const EmbeddingMatrix& vectors);

/// Reads an index after its bytes were found to have this SHA-256 (the file format itself has no
/// checksum). Fails: kNotFound; kCorruption if the digest, type, dimension or number of rows is
/// another.
Result<std::unique_ptr<const VectorIndex>> read_flat_index(const std::filesystem::path& path,
                                                           const std::string& sha256,
                                                           std::int64_t rows,
                                                           std::size_t dimension);

/// Version of FAISS.
std::string vector_library_version();

}  // namespace clippath
