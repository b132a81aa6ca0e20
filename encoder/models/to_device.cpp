// SPDX-License-Identifier: Apache-2.0
#include "encoder/models/to_device.h"

namespace clippath {

at::Tensor to_device(const at::Tensor& tensor, at::Device device) {
  if (device.is_cpu()) return tensor;
  if (!device.is_cuda()) return tensor.to(device);
  return tensor.pin_memory().to(device, /*non_blocking=*/true);
}

}  // namespace clippath
