// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <c10/core/Device.h>

#include <string>

#include "clippath/core/result.h"
#include "clippath/encoder.h"

namespace clippath {

/// The device of a name: "cpu", "cuda" (the first GPU) or "cuda:N".
/// Fails: kInvalidArgument for another name; kUnsupported where this LibTorch was built without
/// CUDA, finds no GPU, or none of that number.
Result<c10::Device> find_device(const std::string& name);

/// The pictures that a call on a device should have (docs/decisions/0017-gpu-batches.md).
PictureBatches batches_on(c10::Device device);

}  // namespace clippath
