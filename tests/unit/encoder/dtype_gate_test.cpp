// SPDX-License-Identifier: Apache-2.0
#include "encoder/runtime/dtype_gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <limits>
#include <random>

namespace clippath {
namespace {

using testing::HasSubstr;

Bf16Probe probe(bool in_hardware, double speedup, std::optional<double> cosine) {
  return {.processor_has_it = [=] { return in_hardware; },
          .speedup = [=] { return speedup; },
          .golden_cosine = [=]() -> Result<std::optional<double>> { return cosine; }};
}

Bf16Probe never_asked_beyond_hardware(bool in_hardware) {
  return {.processor_has_it = [=] { return in_hardware; },
          .speedup =
              [] {
                ADD_FAILURE() << "timed a product for nothing";
                return 0.0;
              },
          .golden_cosine = []() -> Result<std::optional<double>> {
            ADD_FAILURE() << "ran the model for nothing";
            return std::nullopt;
          }};
}

TEST(DtypeGate, TakesBf16WhereItIsFasterAndExactEnough) {
  const auto decision = decide_dtype(DtypeChoice::kAuto, probe(true, 1.2, 0.999));
  ASSERT_TRUE(decision);
  EXPECT_EQ(decision->dtype, Dtype::kBf16);
  EXPECT_THAT(decision->reason, HasSubstr("1.20 times"));
}

TEST(DtypeGate, SaysWhyItStaysWithFp32) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<std::pair<Bf16Probe, const char*>> cases = {
      {never_asked_beyond_hardware(false), "neither AVX512-BF16 nor AMX"},
      {probe(true, 1.19, 1.0), "only 1.19 times"},
      {probe(true, 2, 0.9989), "too inexact"},
      {probe(true, 2, nan), "too inexact"},
      {probe(true, 2, std::nullopt), "no golden outputs"}};
  for (const auto& [facts, reason] : cases) {
    const auto decision = decide_dtype(DtypeChoice::kAuto, facts);
    ASSERT_TRUE(decision) << reason;
    EXPECT_EQ(decision->dtype, Dtype::kFp32) << reason;
    EXPECT_THAT(decision->reason, HasSubstr(reason));
  }
}

TEST(DtypeGate, DoesWhatItIsToldWhereItCan) {
  EXPECT_EQ(decide_dtype(DtypeChoice::kFp32, probe(true, 9, 1.0))->dtype, Dtype::kFp32);
  EXPECT_EQ(decide_dtype(DtypeChoice::kBf16, never_asked_beyond_hardware(true))->dtype,
            Dtype::kBf16);
  const auto refused = decide_dtype(DtypeChoice::kBf16, never_asked_beyond_hardware(false));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kUnsupported);
}

TEST(DtypeGate, OnAGpuTakesWhatIsAskedForAndElseLooksAtExactness) {
  const auto golden = [](std::optional<double> cosine) {
    return [=]() -> Result<std::optional<double>> { return cosine; };
  };
  EXPECT_EQ(decide_dtype_on_gpu(DtypeChoice::kFp16, golden(0))->dtype, Dtype::kFp16);
  EXPECT_EQ(decide_dtype_on_gpu(DtypeChoice::kBf16, golden(0))->dtype, Dtype::kBf16);
  EXPECT_EQ(decide_dtype_on_gpu(DtypeChoice::kFp32, golden(1))->dtype, Dtype::kFp32);
  EXPECT_EQ(decide_dtype_on_gpu(DtypeChoice::kAuto, golden(0.999))->dtype, Dtype::kBf16);
  EXPECT_EQ(decide_dtype_on_gpu(DtypeChoice::kAuto, golden(0.998))->dtype, Dtype::kFp32);
  EXPECT_EQ(decide_dtype_on_gpu(DtypeChoice::kAuto, golden(std::nullopt))->dtype, Dtype::kFp32);
}

TEST(DtypeGate, RefusesFp16OnAProcessor) {
  const auto decision = decide_dtype(DtypeChoice::kFp16, never_asked_beyond_hardware(true));
  ASSERT_FALSE(decision);
  EXPECT_THAT(decision.error().message, HasSubstr("--device cuda"));
}

TEST(DtypeGate, PassesOnWhyTheGoldenOutputsFailed) {
  Bf16Probe broken = probe(true, 2, 1.0);
  broken.golden_cosine = []() -> Result<std::optional<double>> {
    return fail(ErrorKind::kCorruption, "golden.safetensors: is empty");
  };
  const auto decision = decide_dtype(DtypeChoice::kAuto, broken);
  ASSERT_FALSE(decision);
  EXPECT_EQ(decision.error().kind, ErrorKind::kCorruption);
}

TEST(DtypeGate, IsNotSwayedByWhatElseTheMachineDoes) {
  constexpr double kFp32 = 6e-3;
  constexpr double kBf16 = 1e-3;
  std::mt19937 random(5);
  std::exponential_distribution<double> delay(1 / kFp32);
  std::bernoulli_distribution disturbed(0.5);
  const auto timed = [&](double seconds) {
    return [&, seconds] { return seconds + (disturbed(random) ? kBf16 + delay(random) : 0); };
  };
  for (int run = 0; run < 1000; ++run) {
    EXPECT_GE(undisturbed_speedup(timed(kFp32), timed(kBf16), 1.2), 1.2);
    EXPECT_LT(undisturbed_speedup(timed(kBf16), timed(40 * kBf16), 1.2), 1.2);
  }
}

TEST(DtypeGate, CostsNothingWithoutTheHardware) {
  if (processor_has_bf16()) GTEST_SKIP() << "this processor has bf16";
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(decide_dtype(DtypeChoice::kAuto, {.processor_has_it = processor_has_bf16,
                                              .speedup = measure_bf16_speedup,
                                              .golden_cosine = {}})
                ->dtype,
            Dtype::kFp32);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(50));
}

}  // namespace
}  // namespace clippath
