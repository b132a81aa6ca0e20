// SPDX-License-Identifier: Apache-2.0
#include "encoder/weights/tensor_sizes.h"

namespace clippath {

std::int64_t TensorSizes::size(const std::string& name, std::size_t dimension,
                               std::size_t dimensions) {
  const auto found = tensors_.find(prefix_ + name);
  if (found != tensors_.end() && found->second.shape.size() == dimensions) {
    return found->second.shape[dimension];
  }
  if (fault_.empty()) {
    fault_ = "tensor " + prefix_ + name +
             (found == tensors_.end() ? " is missing"
                                      : " has shape " + to_text(found->second.shape) + ", not " +
                                            std::to_string(dimensions) + " dimensions");
  }
  return 1;
}

std::int64_t TensorSizes::count(const std::string& before, const std::string& after) const {
  std::int64_t n = 0;
  while (has(before + std::to_string(n) + "." + after)) ++n;
  return n;
}

Result<void> TensorSizes::finish() const {
  if (fault_.empty()) return {};
  return fail(ErrorKind::kInvalidArgument, fault_);
}

}  // namespace clippath
