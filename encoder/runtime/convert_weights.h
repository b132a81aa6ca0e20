// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>

#include "clippath/core/result.h"
#include "encoder/weights/weights_file.h"

namespace clippath {

/// Writes tensors as one safetensors file. Floating ones are stored as `type`, if it is given:
/// rounded to nearest, but for scalars (the logit scale), which take no room and lose by it.
/// Fails: kInvalidArgument naming a tensor with numbers that `type` cannot hold; as
/// write_file_durably.
Result<void> convert_weights(const TensorTable& tensors, std::optional<TensorType> type,
                             const std::filesystem::path& path);

}  // namespace clippath
