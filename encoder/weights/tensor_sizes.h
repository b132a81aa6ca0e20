// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "clippath/core/result.h"
#include "encoder/weights/weights_file.h"

namespace clippath {

/// Reads sizes that a configuration does not give from the shapes of tensors. The first tensor that
/// is missing or has another number of dimensions is kept as the fault; all later sizes are 1.
class TensorSizes {
 public:
  TensorSizes(const TensorTable& tensors, std::string prefix)
      : tensors_(tensors), prefix_(std::move(prefix)) {}

  /// @param dimension  of the `dimensions` that the tensor must have, from 0.
  std::int64_t size(const std::string& name, std::size_t dimension, std::size_t dimensions);

  [[nodiscard]] bool has(const std::string& name) const {
    return tensors_.contains(prefix_ + name);
  }

  /// How many n there are, counted from 0, with a tensor `<before><n>.<after>`.
  [[nodiscard]] std::int64_t count(const std::string& before, const std::string& after) const;

  [[nodiscard]] Result<void> finish() const;

 private:
  const TensorTable& tensors_;
  std::string prefix_;
  std::string fault_;
};

}  // namespace clippath
