// SPDX-License-Identifier: Apache-2.0
#include <ATen/cpu/Utils.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/ones.h>
#include <c10/core/InferenceMode.h>

#include <chrono>

#include "encoder/runtime/dtype_gate.h"

namespace clippath {
namespace {

double seconds_of_product(at::ScalarType type) {
  const at::Tensor x = at::ones({512, 768}, type);
  const at::Tensor weight = at::ones({3072, 768}, type);
  at::linear(x, weight);  // the first product of a shape chooses and builds its kernel
  const auto start = std::chrono::steady_clock::now();
  at::linear(x, weight);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

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
  return seconds_of_product(at::kFloat) / seconds_of_product(at::kBFloat16);
}

}  // namespace clippath
