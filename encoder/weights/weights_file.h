// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clippath/core/result.h"

namespace clippath {

inline constexpr const char* kWeightsFileName = "model.safetensors";

enum class TensorType { kF64, kF32, kF16, kBf16, kI64, kI32, kI16, kI8, kU8, kBool };

std::string_view to_string(TensorType type);  ///< as safetensors spells it: "F16"
std::size_t size_bytes(TensorType type);      ///< of one element
bool is_floating(TensorType type);

using TensorShape = std::vector<std::int64_t>;  ///< outermost first; empty for a scalar

std::string to_text(const TensorShape& shape);  ///< "[512, 384]"

/// One tensor as it lies in the file: row-major, little-endian, not necessarily aligned.
struct StoredTensor {
  TensorType type = TensorType::kF32;
  TensorShape shape;
  std::span<const std::uint8_t> bytes;

  [[nodiscard]] std::int64_t element_count() const;
};

using TensorTable = std::map<std::string, StoredTensor, std::less<>>;

/// What a file says of itself beside its tensors.
using TensorMetadata = std::map<std::string, std::string, std::less<>>;

inline constexpr std::uint64_t kMaxTensorHeaderBytes = 16'000'000;

/// Reads the table of a safetensors file held in memory; the spans point into `file`.
///
/// Invariants of every table returned: names are distinct; sizes agree with shape and type; the
/// ranges lie within the file, do not overlap and leave no hole and no byte at the end; no tensor
/// is empty.
/// Fails: kCorruption naming the tensor; kUnsupported for a pickle file, a pointer of Git LFS or an
/// unknown type;
/// kTooLarge for a header over 16 MB.
Result<TensorTable> parse_tensor_table(std::span<const std::uint8_t> file);

/// The `__metadata__` of a file whose table was parsed; empty where it has none.
/// Fails: as parse_tensor_table.
Result<TensorMetadata> parse_metadata(std::span<const std::uint8_t> file);

/// A safetensors file, mapped read-only as long as the object lives. Meant to be short-lived: a
/// file that somebody cuts while it is mapped ends the program (SIGBUS). Immutable: share freely.
class WeightsFile {
 public:
  WeightsFile(WeightsFile&& other) noexcept;
  WeightsFile& operator=(WeightsFile&& other) noexcept;
  WeightsFile(const WeightsFile&) = delete;
  WeightsFile& operator=(const WeightsFile&) = delete;
  ~WeightsFile();

  [[nodiscard]] const TensorTable& tensors() const { return tensors_; }

  /// Null where there is no such tensor.
  [[nodiscard]] const StoredTensor* find(std::string_view name) const;

  /// The whole file, for its digest.
  [[nodiscard]] std::span<const std::uint8_t> bytes() const { return bytes_; }

 private:
  friend Result<WeightsFile> open_weights_file(const std::filesystem::path& path);
  explicit WeightsFile(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  std::span<const std::uint8_t> bytes_;
  TensorTable tensors_;
};

/// Fails: kNotFound; otherwise as parse_tensor_table, with the path in front.
Result<WeightsFile> open_weights_file(const std::filesystem::path& path);

}  // namespace clippath
