// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "clippath/core/files.h"
#include "clippath/core/result.h"
#include "encoder/weights/weights_file.h"

namespace clippath {

/// A tensor that will be written.
struct TensorPlan {
  std::string name;
  TensorType type = TensorType::kF32;
  TensorShape shape;

  /// Fails: kInvalidArgument for a shape that is empty or overflows.
  [[nodiscard]] Result<std::uint64_t> bytes() const;
};

/// Writes a safetensors file as Python's library does, byte for byte: wide types first, names in
/// order within a type, a header that ends on a multiple of eight, so that every tensor is aligned.
/// Nothing of the file appears under its name before commit(). One thread at a time.
class WeightsWriter {
 public:
  /// @param plan  names are distinct and not "__metadata__". Brought into the order of the file.
  /// Fails: as TensorPlan::bytes; kTooLarge for a header over 16 MB; as write_file_durably.
  static Result<WeightsWriter> create(const std::filesystem::path& path,
                                      std::vector<TensorPlan> plan,
                                      const TensorMetadata& metadata = {});

  /// The tensors, in the order in which append() wants them.
  [[nodiscard]] const std::vector<TensorPlan>& plan() const { return plan_; }

  /// The elements of the next tensor. Requires: as many bytes as its plan says.
  Result<void> append(std::span<const std::uint8_t> bytes);

  /// Requires: every tensor was appended. No call may follow.
  Result<void> commit();

 private:
  WeightsWriter(StagedFile file, std::vector<TensorPlan> plan)
      : file_(std::move(file)), plan_(std::move(plan)) {}

  StagedFile file_;
  std::vector<TensorPlan> plan_;
  std::size_t next_ = 0;
};

/// Tensors that are in memory, as one file. Fails: as WeightsWriter.
Result<void> write_weights_file(const std::filesystem::path& path, const TensorTable& tensors,
                                const TensorMetadata& metadata = {});

}  // namespace clippath
