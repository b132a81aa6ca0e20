// SPDX-License-Identifier: Apache-2.0
#include "encoder/runtime/verify_model.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <memory>
#include <span>
#include <utility>

#include "clippath/preprocess.h"
#include "clippath/tokenizer.h"
#include "encoder/runtime/canary.h"
#include "encoder/runtime/dtype_gate.h"
#include "encoder/runtime/golden_texts.h"
#include "encoder/runtime/local_encoder.h"
#include "encoder/runtime/vector_checks.h"
#include "encoder/weights/model_config.h"

namespace clippath {
namespace {

// What the reference's outputs are held to in fp32; bf16 has the limit of the gate.
constexpr double kGoldenToleranceFp32 = 1e-4;
constexpr double kGoldenToleranceBf16 = 1 - kLeastBf16Cosine;
// Beyond it the mean and deviation are in other units than the pixels.
constexpr double kLargestPixelValue = 10;

ModelCheck failed(std::string name, std::string why) {
  return {std::move(name), false, std::move(why), {}};
}

std::vector<ModelCheck> check_golden(const LocalEncoder& encoder, const std::filesystem::path& file,
                                     double tolerance) {
  const auto agreement = encoder.compare_golden(file);
  if (!agreement) return {failed("golden outputs", agreement.error().message)};
  std::vector<ModelCheck> checks;
  if (agreement->images) {
    checks.push_back(check_agreement("golden pictures", *agreement->images, tolerance));
  }
  if (!agreement->texts) return checks;
  checks.push_back(check_agreement("golden texts", *agreement->texts, tolerance));
  const auto words = compare_golden_texts(encoder, file);
  if (!words) {
    checks.push_back(failed("golden texts as words", words.error().message));
  } else if (*words) {
    checks.push_back(check_agreement("golden texts as words", **words, tolerance));
  }
  return checks;
}

std::string sides(int width, int height) {
  return std::to_string(width) + " x " + std::to_string(height) + " px";
}

ModelCheck check_preprocessing(const std::filesystem::path& folder) {
  const std::string name = "preprocessing";
  const auto preprocessing = load_preprocessing(folder);
  if (!preprocessing) return failed(name, preprocessing.error().message);
  const RgbImage fitted = preprocessing->fit(canary_pictures().front());
  const int width = preprocessing->input_width();
  const int height = preprocessing->input_height();
  if (fitted.width != width || fitted.height != height) {
    return failed(name, "a picture becomes " + sides(fitted.width, fitted.height) +
                            ", the model takes " + sides(width, height));
  }
  if (preprocessing->fit(fitted).pixels != fitted.pixels) {
    return failed(name, "a picture of the model's size does not stay as it is");
  }
  double largest = 0;
  for (const auto& channel : preprocessing->lookup_table()) {
    for (float value : channel) {
      raise(largest, std::abs(value));
    }
  }
  if (!(largest <= kLargestPixelValue)) {
    return failed(name, "pixels become numbers up to " + std::to_string(largest) +
                            ": mean and std must be given for pixels of 0 to 1");
  }
  return {name, true, "pictures become " + sides(width, height), {}};
}

ModelCheck check_tokenizer(const std::filesystem::path& folder, const TextConfig& config,
                           std::size_t limit) {
  const std::string name = "tokenizer";
  const auto tokenizer = load_tokenizer(folder);
  if (!tokenizer) return failed(name, tokenizer.error().message);
  std::vector<std::vector<std::int64_t>> all;
  for (const std::string& text : canary_texts()) all.push_back((*tokenizer)->encode(text, limit));
  for (const auto& ids : all) {
    const bool known = std::all_of(ids.begin(), ids.end(), [&](std::int64_t id) {
      return id >= 0 && id < config.vocabulary_size;
    });
    if (!known) return failed(name, "gives numbers that the text tower does not know");
    if (ids.size() < 2 || ids.size() > limit) {
      return failed(name, "gives " + std::to_string(ids.size()) + " tokens, the limit is " +
                              std::to_string(limit));
    }
    if (ids.front() != all.front().front() || ids.back() != all.front().back()) {
      return failed(name, "texts do not begin and end with the same tokens");
    }
  }
  for (std::size_t i = 1; i < all.size(); ++i) {
    if (std::find(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(i), all[i]) !=
        all.begin() + static_cast<std::ptrdiff_t>(i)) {
      return failed(name,
                    "different texts give the same tokens: are their words in the vocabulary?");
    }
  }
  return {name, true, "texts become at most " + std::to_string(limit) + " tokens", {}};
}

void append(std::vector<ModelCheck>& checks, std::vector<ModelCheck> more) {
  std::move(more.begin(), more.end(), std::back_inserter(checks));
}

void check_images(const LocalEncoder& encoder, const std::filesystem::path& folder,
                  std::vector<ModelCheck>& checks) {
  checks.push_back(check_preprocessing(folder));
  const auto pictures = canary_pictures();
  const std::span<const RgbImage> all = pictures;
  append(checks, check_vectors({"pictures", all.size(),
                                [&](std::size_t begin, std::size_t end) {
                                  return encoder.encode_images(all.subspan(begin, end - begin));
                                }},
                               encoder.info().dtype));
}

Result<void> check_texts(const LocalEncoder& encoder, const std::filesystem::path& folder,
                         std::vector<ModelCheck>& checks) {
  const ModelCard& card = encoder.info().card;
  CLIPPATH_TRY(const ModelConfig config, load_model_config(folder, card));
  CLIPPATH_TRY(const std::size_t limit, text_token_limit(card, *config.text));
  checks.push_back(check_tokenizer(folder, *config.text, limit));
  const auto texts = canary_texts();
  const std::span<const std::string> all = texts;
  append(checks, check_vectors({"texts", all.size(),
                                [&](std::size_t begin, std::size_t end) {
                                  return encoder.encode_texts(all.subspan(begin, end - begin));
                                }},
                               encoder.info().dtype));
  return {};
}

}  // namespace

bool ModelVerification::passed() const {
  return std::all_of(checks.begin(), checks.end(), [](const auto& check) { return check.passed; });
}

Result<ModelVerification> verify_model(const std::filesystem::path& folder,
                                       const VerifyOptions& options) {
  CLIPPATH_TRY(const auto encoder, load_local_encoder(folder, golden_options(options.dtype)));
  ModelVerification found;
  found.info = encoder->info();
  found.golden = found.info.card.golden;
  const bool fp32 = found.info.dtype == Dtype::kFp32;
  found.tolerance = options.tolerance.value_or(fp32 ? kGoldenToleranceFp32 : kGoldenToleranceBf16);
  if (!found.golden.empty()) {
    found.checks = check_golden(*encoder, folder / found.golden, found.tolerance);
  }
  if (found.info.has_images) check_images(*encoder, folder, found.checks);
  if (found.info.has_texts) CLIPPATH_TRY_VOID(check_texts(*encoder, folder, found.checks));
  return found;
}

}  // namespace clippath
