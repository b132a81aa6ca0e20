// SPDX-License-Identifier: Apache-2.0
#include "encoder/runtime/dtype_gate.h"

#include <array>
#include <cstdio>

namespace clippath {
namespace {

constexpr double kLeastSpeedup = 1.2;
constexpr double kLeastCosine = 0.999;

std::string rounded(double value, const char* format) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

}  // namespace

Result<DtypeDecision> decide_dtype(DtypeChoice choice, const Bf16Probe& probe) {
  if (choice == DtypeChoice::kFp32) return DtypeDecision{Dtype::kFp32, "fp32: asked for"};

  const bool in_hardware = probe.processor_has_it();
  if (choice == DtypeChoice::kBf16) {
    if (in_hardware) return DtypeDecision{Dtype::kBf16, "bf16: asked for"};
    return fail(ErrorKind::kUnsupported,
                "bf16 was asked for, but this processor has neither AVX512-BF16 nor AMX: use "
                "fp32 or auto");
  }
  if (!in_hardware) {
    return DtypeDecision{Dtype::kFp32,
                         "fp32: this processor has neither AVX512-BF16 nor AMX for bf16"};
  }
  const double speedup = probe.speedup();
  const std::string speed = rounded(speedup, "%.2f") + " times the speed of fp32";
  if (speedup < kLeastSpeedup) {
    return DtypeDecision{Dtype::kFp32, "fp32: a timed product in bf16 has only " + speed};
  }
  CLIPPATH_TRY(const std::optional<double> cosine, probe.golden_cosine());
  if (!cosine) {
    return DtypeDecision{Dtype::kFp32, "fp32: the model has no golden outputs to check bf16 by"};
  }
  const std::string agreement = "golden cosine " + rounded(*cosine, "%.5f");
  // Written so that NaN fails too.
  if (!(*cosine >= kLeastCosine)) {
    return DtypeDecision{Dtype::kFp32, "fp32: bf16 is too inexact here, " + agreement};
  }
  return DtypeDecision{Dtype::kBf16, "bf16: " + speed + ", " + agreement};
}

}  // namespace clippath
