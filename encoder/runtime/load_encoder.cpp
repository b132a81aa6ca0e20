// SPDX-License-Identifier: Apache-2.0
#include <c10/core/InferenceMode.h>
#include <torch/version.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <future>
#include <optional>

#include "clippath/core/log.h"
#include "encoder/models/stored_weights.h"
#include "encoder/runtime/device.h"
#include "encoder/runtime/dtype_gate.h"
#include "encoder/runtime/golden_outputs.h"
#include "encoder/runtime/local_encoder.h"
#include "encoder/runtime/local_encoder_parts.h"
#include "encoder/runtime/model_folder.h"
#include "encoder/runtime/torch_error.h"
#include "encoder/weights/architecture.h"
#include "encoder/weights/finite_weights.h"
#include "encoder/weights/identity.h"

namespace clippath {
namespace {

/// What similarities are multiplied with before a softmax; 1 for a model of one tower. Within what
/// CLIP's training clamps it to: files may hold more, up to a scale that is infinite.
float logit_scale_of(const ModelConfig& config, const Weights& weights) {
  if (!config.is_dual()) return 1;
  const c10::InferenceMode inference;
  const auto stored = read_tensor(weights.tensors(), kLogitScaleName).item<float>();
  return std::clamp(std::exp(stored), 1.F, 100.F);
}

Result<std::unique_ptr<const DualEncoder>> build(const ModelFolder& folder, const Weights& weights,
                                                 Towers towers, at::ScalarType type,
                                                 at::Device device) {
  try {
    const c10::InferenceMode inference;
    return std::make_unique<const DualEncoder>(weights.tensors(), folder.config, towers, type,
                                               device);
  } catch (const std::exception& error) {
    log(LogLevel::kError, std::string("model: ") + reason_of(error));
    return fail(ErrorKind::kInternal,
                folder.path.string() + ": the model could not be built; the log says why");
  }
}

at::ScalarType scalar_type(Dtype dtype) {
  switch (dtype) {
    case Dtype::kFp32: return at::kFloat;
    case Dtype::kBf16: return at::kBFloat16;
    case Dtype::kFp16: return at::kHalf;
  }
  return at::kFloat;
}

/// The model in the type that the gate chose. What was built to ask for the golden cosine is kept
/// if bf16 it is.
Result<std::unique_ptr<const DualEncoder>> build_gated(const ModelFolder& folder,
                                                       const Weights& weights,
                                                       const EncoderOptions& options,
                                                       at::Device device, DtypeDecision& decision) {
  std::unique_ptr<const DualEncoder> in_bf16;
  const auto cosine_in_bf16 = [&]() -> Result<std::optional<double>> {
    if (folder.card.golden.empty()) return std::nullopt;
    CLIPPATH_TRY(in_bf16, build(folder, weights, options.towers, at::kBFloat16, device));
    CLIPPATH_TRY(const TowerAgreement agreement,
                 compare_golden(*in_bf16, folder.path / folder.card.golden));
    return agreement.least_cosine();
  };
  if (device.is_cpu()) {
    CLIPPATH_TRY(decision, decide_dtype(options.dtype, {.processor_has_it = processor_has_bf16,
                                                        .speedup = measure_bf16_speedup,
                                                        .golden_cosine = cosine_in_bf16}));
  } else {
    CLIPPATH_TRY(decision, decide_dtype_on_gpu(options.dtype, cosine_in_bf16));
  }
  if (decision.dtype == Dtype::kBf16 && in_bf16 != nullptr) return in_bf16;
  return build(folder, weights, options.towers, scalar_type(decision.dtype), device);
}

}  // namespace

Result<std::unique_ptr<const LocalEncoder>> load_local_encoder(const std::filesystem::path& path,
                                                               const EncoderOptions& options) {
  CLIPPATH_TRY(const at::Device device, find_device(options.device));
  CLIPPATH_TRY(ModelFolder folder, read_model_folder(path, options.towers));
  CLIPPATH_TRY(const Weights weights, open_model_weights(path, folder.config, folder.card));
  const ExpectedTensors expected = expected_tensors(folder.config);
  FiniteCheck finite(weights.tensors(), expected);
  auto identity = std::async(std::launch::async, [&] {
    return compute_identity(path, folder.card, folder.config, weights,
                            [&](std::span<const std::uint8_t> part) { finite.look(part); });
  });
  DtypeDecision decision;
  CLIPPATH_TRY(auto model, build_gated(folder, weights, options, device, decision));
  EncoderInfo info;
  CLIPPATH_TRY(info.id, identity.get());
  if (auto checked = finite.finish(); !checked) return fail(checked.error().within(path.string()));

  info.card = std::move(folder.card);
  info.dimension = static_cast<std::size_t>(folder.config.dimension);
  info.has_images = folder.config.vision.has_value();
  info.has_texts = folder.config.text.has_value();
  info.logit_scale = logit_scale_of(folder.config, weights);
  std::optional<PixelNormalizer> normalizer;
  if (folder.preprocessing) {
    info.input_width = folder.preprocessing->input_width();
    info.input_height = folder.preprocessing->input_height();
    normalizer.emplace(*folder.preprocessing);
  }
  std::unique_ptr<const TextRows> texts;
  if (folder.tokenizer != nullptr) {
    texts =
        std::make_unique<const TextRows>(std::move(folder.tokenizer), folder.max_text_tokens,
                                         info.dimension, options.long_texts, options.cached_texts);
  }
  info.batches = batches_on(device);
  info.dtype = decision.dtype;
  info.dtype_reason = decision.reason;
  return std::make_unique<const LocalEncoder>(std::make_unique<const LocalEncoder::Parts>(
      LocalEncoder::Parts{std::move(info), std::move(normalizer), std::move(texts),
                          std::move(model), std::make_unique<const DeviceTurns>(device.is_cpu())}));
}

Result<std::unique_ptr<const Encoder>> load_encoder(const std::filesystem::path& folder,
                                                    const EncoderOptions& options) {
  CLIPPATH_TRY(auto encoder, load_local_encoder(folder, options));
  return encoder;
}

std::string encoder_library_version() { return TORCH_VERSION; }

}  // namespace clippath
