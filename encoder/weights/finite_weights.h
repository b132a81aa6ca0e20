// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <span>
#include <string_view>
#include <vector>

#include "encoder/weights/architecture.h"

namespace clippath {

/// Looks for numbers that are not finite: one of them spreads through every vector of a model.
/// Meant to be shown bytes that another reader has just brought into the cache, since reading all
/// weights once more would take longer than looking at them.
class FiniteCheck {
 public:
  /// @param tensors   found to agree with `expected` (check_tensors); outlives this object.
  /// @param expected  outlives this object.
  FiniteCheck(const TensorTable& tensors, const ExpectedTensors& expected);

  /// Looks at the numbers that begin within a part of a file of the tensors. Thread-safe.
  void look(std::span<const std::uint8_t> part);

  /// After all parts were looked at.
  /// Fails: kCorruption naming the first tensor, in the order of the names, that holds a number
  /// which is NaN, infinite or beyond float32.
  [[nodiscard]] Result<void> finish() const;

 private:
  struct Tensor {
    TensorType type;
    std::span<const std::uint8_t> bytes;
    std::size_t place;  ///< in the order of the names
    std::string_view name;
  };

  std::vector<Tensor> tensors_;  ///< in the order of their bytes
  std::atomic<std::size_t> first_;
};

/// The same at once, for weights that nobody else reads.
Result<void> check_finite(const TensorTable& tensors, const ExpectedTensors& expected);

}  // namespace clippath
