// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "clippath/core/result.h"
#include "clippath/encoder.h"

namespace clippath {

inline constexpr double kLeastBf16Cosine = 0.999;

/// What has to be known before bf16 is taken, cheapest first; each is asked only if it matters.
struct Bf16Probe {
  std::function<bool()> processor_has_it;
  std::function<double()> speedup;  ///< of a timed product over fp32
  /// Least cosine between the model's golden embeddings and those computed in bf16; empty where
  /// the model has none.
  std::function<Result<std::optional<double>>()> golden_cosine;
};

struct DtypeDecision {
  Dtype dtype = Dtype::kFp32;
  std::string reason;  ///< one sentence
};

/// Applies the rule of DtypeChoice for a CPU. Fails: kUnsupported if bf16 is asked for and the
/// processor has it not, and for fp16; as golden_cosine fails.
Result<DtypeDecision> decide_dtype(DtypeChoice choice, const Bf16Probe& probe);

/// The rule on a GPU, where every type is fast: what is asked for; `auto` takes bf16 where the
/// golden embeddings keep their cosine. Fails: as golden_cosine fails.
Result<DtypeDecision> decide_dtype_on_gpu(
    DtypeChoice choice, const std::function<Result<std::optional<double>>()>& golden_cosine);

/// AVX512-BF16, or AMX-BF16 with the system's permission to use it.
bool processor_has_bf16();

/// How many times faster a 512 x 768 x 3072 product is in bf16 than in fp32, by
/// undisturbed_speedup.
double measure_bf16_speedup();

/// The ratio of the least times of both, over up to eight rounds; ends when it is `enough`. What
/// else the machine does only lengthens a time, so a disturbed round decides nothing: two runs on
/// one machine must take the same type. Both functions return seconds.
double undisturbed_speedup(const std::function<double()>& fp32_seconds,
                           const std::function<double()>& bf16_seconds, double enough);

inline constexpr double kLeastBf16Speedup = 1.2;

}  // namespace clippath
