// SPDX-License-Identifier: Apache-2.0
#include <c10/core/InferenceMode.h>
#include <torch/version.h>

#include <cmath>
#include <exception>
#include <future>
#include <optional>

#include "clippath/core/log.h"
#include "encoder/models/stored_weights.h"
#include "encoder/runtime/dtype_gate.h"
#include "encoder/runtime/golden_outputs.h"
#include "encoder/runtime/local_encoder.h"
#include "encoder/runtime/local_encoder_parts.h"
#include "encoder/runtime/torch_error.h"
#include "encoder/weights/architecture.h"
#include "encoder/weights/identity.h"

namespace clippath {
namespace {

/// Everything of a model folder but the weights, read and found to fit together. What belongs to a
/// tower that the model does not have is absent.
struct Folder {
  std::filesystem::path path;
  ModelCard card;
  ModelConfig config;
  std::optional<Preprocessing> preprocessing;
  std::unique_ptr<const Tokenizer> tokenizer;
  std::size_t max_text_tokens = 0;
};

tl::unexpected<Error> disagree(const Folder& folder, const std::string& what) {
  return fail(ErrorKind::kInvalidArgument, folder.path.string() + ": " + what);
}

/// DINO and DINOv2 resample their positions as a matter of course; the other towers have one size.
bool takes(const VisionConfig& vision, std::int64_t width, std::int64_t height) {
  const bool any_size =
      vision.family == VisionFamily::kDinov2 || vision.position_scale == PositionScale::kDino;
  if (any_size) return width % vision.patch_size == 0 && height % vision.patch_size == 0;
  return width == vision.image_size && height == vision.image_size;
}

Result<void> read_image_side(Folder& folder) {
  CLIPPATH_TRY(folder.preprocessing, load_preprocessing(folder.path));
  const int width = folder.preprocessing->input_width();
  const int height = folder.preprocessing->input_height();
  if (takes(*folder.config.vision, width, height)) return {};
  return disagree(folder, "the preprocessing makes pictures of " + std::to_string(width) + " x " +
                              std::to_string(height) + " px, the image tower takes " +
                              std::to_string(folder.config.vision->image_size));
}

Result<void> read_text_side(Folder& folder) {
  CLIPPATH_TRY(folder.tokenizer, load_tokenizer(folder.path));
  const auto pieces = static_cast<std::int64_t>(folder.tokenizer->vocabulary_size());
  if (pieces > folder.config.text->vocabulary_size) {
    return disagree(folder, "the tokenizer has " + std::to_string(pieces) +
                                " pieces, the text tower knows " +
                                std::to_string(folder.config.text->vocabulary_size));
  }
  auto limit = text_token_limit(folder.card, *folder.config.text);
  if (!limit) return disagree(folder, limit.error().message);
  folder.max_text_tokens = *limit;
  return {};
}

/// One tower alone is loaded because it will be used.
Result<void> check_towers(const Folder& folder, Towers towers) {
  const bool no_images = towers == Towers::kImageOnly && !folder.config.vision;
  const bool no_texts = towers == Towers::kTextOnly && !folder.config.text;
  if (!no_images && !no_texts) return {};
  return fail(ErrorKind::kUnsupported, folder.path.string() + ": " + folder.config.layout +
                                           " has no " + (no_images ? "image" : "text") + " tower");
}

Result<Folder> read_folder(const std::filesystem::path& path, Towers towers) {
  Folder folder;
  folder.path = path;
  CLIPPATH_TRY(folder.card, load_model_card(path));
  CLIPPATH_TRY(folder.config, load_model_config(path, folder.card));
  CLIPPATH_TRY_VOID(check_towers(folder, towers));
  if (folder.config.vision) CLIPPATH_TRY_VOID(read_image_side(folder));
  if (folder.config.text) CLIPPATH_TRY_VOID(read_text_side(folder));
  return folder;
}

/// What similarities are multiplied with before a softmax; 1 for a model of one tower.
float logit_scale_of(const ModelConfig& config, const Weights& weights) {
  if (!config.is_dual()) return 1;
  const c10::InferenceMode inference;
  return std::exp(read_tensor(weights.tensors(), kLogitScaleName).item<float>());
}

Result<std::unique_ptr<const DualEncoder>> build(const Folder& folder, const Weights& weights,
                                                 Towers towers, at::ScalarType type) {
  try {
    const c10::InferenceMode inference;
    return std::make_unique<const DualEncoder>(weights.tensors(), folder.config, towers, type);
  } catch (const std::exception& error) {
    log(LogLevel::kError, std::string("model: ") + reason_of(error));
    return fail(ErrorKind::kInternal,
                folder.path.string() + ": the model could not be built; the log says why");
  }
}

/// The model in the type that the gate chose. What was built to ask for the golden cosine is kept
/// if bf16 it is.
Result<std::unique_ptr<const DualEncoder>> build_gated(const Folder& folder, const Weights& weights,
                                                       const EncoderOptions& options,
                                                       DtypeDecision& decision) {
  std::unique_ptr<const DualEncoder> in_bf16;
  const auto cosine_in_bf16 = [&]() -> Result<std::optional<double>> {
    if (folder.card.golden.empty()) return std::nullopt;
    CLIPPATH_TRY(in_bf16, build(folder, weights, options.towers, at::kBFloat16));
    CLIPPATH_TRY(const TowerAgreement agreement,
                 compare_golden(*in_bf16, folder.path / folder.card.golden));
    return agreement.least_cosine();
  };
  CLIPPATH_TRY(decision, decide_dtype(options.dtype, {.processor_has_it = processor_has_bf16,
                                                      .speedup = measure_bf16_speedup,
                                                      .golden_cosine = cosine_in_bf16}));
  if (decision.dtype == Dtype::kFp32) return build(folder, weights, options.towers, at::kFloat);
  if (in_bf16 != nullptr) return in_bf16;
  return build(folder, weights, options.towers, at::kBFloat16);
}

}  // namespace

Result<std::unique_ptr<const LocalEncoder>> load_local_encoder(const std::filesystem::path& path,
                                                               const EncoderOptions& options) {
  CLIPPATH_TRY(Folder folder, read_folder(path, options.towers));
  CLIPPATH_TRY(const Weights weights, open_model_weights(path, folder.config, folder.card));
  auto identity = std::async(std::launch::async, [&] {
    return compute_identity(path, folder.card, folder.config, weights);
  });
  DtypeDecision decision;
  CLIPPATH_TRY(auto model, build_gated(folder, weights, options, decision));
  EncoderInfo info;
  CLIPPATH_TRY(info.id, identity.get());

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
  info.dtype = decision.dtype;
  info.dtype_reason = decision.reason;
  return std::make_unique<const LocalEncoder>(std::make_unique<const LocalEncoder::Parts>(
      LocalEncoder::Parts{std::move(info), folder.max_text_tokens, std::move(normalizer),
                          std::move(folder.tokenizer), std::move(model)}));
}

Result<std::unique_ptr<const Encoder>> load_encoder(const std::filesystem::path& folder,
                                                    const EncoderOptions& options) {
  CLIPPATH_TRY(auto encoder, load_local_encoder(folder, options));
  return encoder;
}

std::string encoder_library_version() { return TORCH_VERSION; }

}  // namespace clippath
