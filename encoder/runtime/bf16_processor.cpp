// SPDX-License-Identifier: Apache-2.0
#include <ATen/cpu/Utils.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/ones.h>
#include <c10/core/InferenceMode.h>

#include <chrono>

#include "encoder/runtime/dtype_gate.h"

namespace clippath {
namespace {

/// One product, of which the second and later runs are timed: the first of a shape chooses and
/// builds its kernel.
class TimedProduct {
 public:
  explicit TimedProduct(at::ScalarType type)
      : x_(at::ones({512, 768}, type)), weight_(at::ones({3072, 768}, type)) {
    at::linear(x_, weight_);
  }

  double seconds() const {
    const auto start = std::chrono::steady_clock::now();
    at::linear(x_, weight_);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }

 private:
  at::Tensor x_;
  at::Tensor weight_;
};

}  // namespace

bool processor_has_bf16() {
#if defined(__x86_64__)
  // Both answers include whether the operating system saves the registers.
  if (__builtin_cpu_supports("avx512bf16")) return true;
  return __builtin_cpu_supports("amx-bf16") && at::cpu::init_amx();
#else
  return false;
#endif
}

double measure_bf16_speedup() {
  const c10::InferenceMode inference;
  const TimedProduct fp32(at::kFloat);
  const TimedProduct bf16(at::kBFloat16);
  return undisturbed_speedup([&] { return fp32.seconds(); }, [&] { return bf16.seconds(); },
                             kLeastBf16Speedup);
}

}  // namespace clippath
