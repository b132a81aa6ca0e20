// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <c10/core/Device.h>

#include <string>

#include "clippath/core/result.h"

namespace clippath {

/// The device of a name: "cpu", "cuda" (the first GPU) or "cuda:N".
/// Fails: kInvalidArgument for another name; kUnsupported where this LibTorch was built without
/// CUDA, finds no GPU, or none of that number.
Result<c10::Device> find_device(const std::string& name);

}  // namespace clippath
