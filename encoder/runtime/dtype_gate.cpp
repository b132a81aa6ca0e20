// SPDX-License-Identifier: Apache-2.0
#include "encoder/runtime/dtype_gate.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>

namespace clippath {
namespace {

constexpr int kTimedRounds = 8;

std::string rounded(double value, const char* format) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

/// Whether the model is exact enough in bf16.
/// @param speed  what is known of its speed, for the reason.
Result<DtypeDecision> judge_bf16(
    const std::string& speed, const std::function<Result<std::optional<double>>()>& golden_cosine) {
  CLIPPATH_TRY(const std::optional<double> cosine, golden_cosine());
  if (!cosine) {
    return DtypeDecision{Dtype::kFp32, "fp32: the model has no golden outputs to check bf16 by"};
  }
  const std::string agreement = "golden cosine " + rounded(*cosine, "%.5f");
  // Written so that NaN fails too.
  if (!(*cosine >= kLeastBf16Cosine)) {
    return DtypeDecision{Dtype::kFp32, "fp32: bf16 is too inexact here, " + agreement};
  }
  return DtypeDecision{Dtype::kBf16, "bf16: " + speed + ", " + agreement};
}

}  // namespace

double undisturbed_speedup(const std::function<double()>& fp32_seconds,
                           const std::function<double()>& bf16_seconds, double enough) {
  double least_fp32 = std::numeric_limits<double>::infinity();
  double least_bf16 = std::numeric_limits<double>::infinity();
  for (int round = 0; round < kTimedRounds; ++round) {
    least_fp32 = std::min(least_fp32, fp32_seconds());
    least_bf16 = std::min(least_bf16, bf16_seconds());
    if (least_fp32 >= enough * least_bf16) break;
  }
  return least_fp32 / least_bf16;
}

Result<DtypeDecision> decide_dtype(DtypeChoice choice, const Bf16Probe& probe) {
  if (choice == DtypeChoice::kFp32) return DtypeDecision{Dtype::kFp32, "fp32: asked for"};
  if (choice == DtypeChoice::kFp16) {
    return fail(ErrorKind::kUnsupported,
                "fp16 is for GPUs (--device cuda); on a processor use fp32, bf16 or auto");
  }

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
  if (speedup < kLeastBf16Speedup) {
    return DtypeDecision{Dtype::kFp32, "fp32: a timed product in bf16 has only " + speed};
  }
  return judge_bf16(speed, probe.golden_cosine);
}

Result<DtypeDecision> decide_dtype_on_gpu(
    DtypeChoice choice, const std::function<Result<std::optional<double>>()>& golden_cosine) {
  switch (choice) {
    case DtypeChoice::kFp32: return DtypeDecision{Dtype::kFp32, "fp32: asked for"};
    case DtypeChoice::kBf16: return DtypeDecision{Dtype::kBf16, "bf16: asked for"};
    case DtypeChoice::kFp16: return DtypeDecision{Dtype::kFp16, "fp16: asked for"};
    case DtypeChoice::kAuto: return judge_bf16("on a GPU", golden_cosine);
  }
  return fail(ErrorKind::kInternal, "no such type");
}

}  // namespace clippath
