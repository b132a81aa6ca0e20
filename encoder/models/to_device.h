// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

namespace clippath {

/// A tensor of the main memory on another device, or itself on the CPU. To a GPU from pages that
/// stay in place, while the CPU goes on: what was given may change or go as soon as this returns,
/// for those pages are a copy of it, which LibTorch keeps until the GPU has read it. What the
/// calling thread computes with the result waits for it.
at::Tensor to_device(const at::Tensor& tensor, at::Device device);

}  // namespace clippath
