// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "clippath/encoder.h"
#include "core/json/json.h"

namespace clippath::cli {

/// The processor's name as the kernel states it, "unknown" where it does not.
std::string processor_name();

/// Which of the instruction sets that matter here the processor has: avx2, fma, f16c, avx512f,
/// avx512_bf16, amx_bf16, sha_ni.
std::vector<std::string> processor_features();

/// File that the process's `sgemm_` comes from: the BLAS that FAISS calls.
std::string blas_library();

/// The OpenMP runtimes mapped into the process. More than one is a fault: each brings its own
/// threads.
std::vector<std::string> openmp_libraries();

/// Name, cores and features of the processor.
Json describe_processor();

/// What the figures of a benchmark with an encoder depend on.
Json describe_machine(const EncoderInfo& encoder);

}  // namespace clippath::cli
