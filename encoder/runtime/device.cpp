// SPDX-License-Identifier: Apache-2.0
#include "encoder/runtime/device.h"

#include <ATen/Context.h>
#include <ATen/detail/CUDAHooksInterface.h>

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace clippath {
namespace {

constexpr std::string_view kCuda = "cuda";

// The least power of two that gives each of 132 processors work in the smallest product of the
// smallest usual tower (ViT-B/32). The end is not cut smaller: there are no cores to share it.
constexpr PictureBatches kGpuBatches{.size = 64, .last = 64};

/// Of "cuda" or "cuda:N"; nothing for another name.
std::optional<c10::DeviceIndex> gpu_number(std::string_view name) {
  if (!name.starts_with(kCuda)) return std::nullopt;
  name.remove_prefix(kCuda.size());
  if (name.empty()) return c10::DeviceIndex{0};
  if (name.front() != ':') return std::nullopt;
  name.remove_prefix(1);
  int number = 0;
  const auto [rest, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  const bool whole = error == std::errc() && rest == name.data() + name.size();
  if (!whole || number < 0 || number > 127) return std::nullopt;
  return static_cast<c10::DeviceIndex>(number);
}

}  // namespace

Result<c10::Device> find_device(const std::string& name) {
  if (name == "cpu") return c10::Device(c10::kCPU);
  const auto number = gpu_number(name);
  if (!number) {
    return fail({ErrorKind::kInvalidArgument,
                 "--device '" + name + "': must be cpu, cuda or cuda:N with N from 0", "device",
                 "cpu, cuda, cuda:N"});
  }
  const auto gpus = at::hasCUDA() ? at::detail::getCUDAHooks().deviceCount() : 0;
  if (*number < gpus) return c10::Device(c10::kCUDA, *number);
  return fail({ErrorKind::kUnsupported,
               "--device " + name + ": " +
                   (!at::hasCUDA()
                        ? "this program's LibTorch has no CUDA or finds no GPU; use cpu, or build "
                          "with a CUDA LibTorch (docs/models.md)"
                        : "there are " + std::to_string(gpus) + " GPUs; count from 0"),
               "device"});
}

PictureBatches batches_on(c10::Device device) {
  return device.is_cpu() ? PictureBatches{} : kGpuBatches;
}

}  // namespace clippath
