// SPDX-License-Identifier: Apache-2.0
#include "encoder/runtime/model_info.h"

#include <algorithm>
#include <map>
#include <utility>

#include "encoder/runtime/model_folder.h"
#include "encoder/weights/architecture.h"
#include "encoder/weights/finite_weights.h"
#include "encoder/weights/identity.h"

namespace clippath {
namespace {

/// The type that most numbers have.
std::string type_of(const Weights& weights) {
  std::map<TensorType, std::int64_t> counts;
  for (const auto& [name, tensor] : weights.tensors()) {
    counts[tensor.type] += tensor.element_count();
  }
  const auto most = std::max_element(
      counts.begin(), counts.end(),
      [](const auto& one, const auto& other) { return one.second < other.second; });
  return std::string(to_string(most->first));
}

std::int64_t parameters_of(const Weights& weights, const ExpectedTensors& tensors) {
  std::int64_t count = 0;
  for (const auto& [name, shape] : tensors) {
    count += weights.tensors().find(name)->second.element_count();
  }
  return count;
}

/// A model of the one tower alone.
std::int64_t image_parameters(const Weights& weights, ModelConfig config) {
  config.text.reset();
  return parameters_of(weights, expected_tensors(config));
}

std::int64_t text_parameters(const Weights& weights, ModelConfig config) {
  config.vision.reset();
  return parameters_of(weights, expected_tensors(config));
}

}  // namespace

Result<ModelInfo> describe_model(const std::filesystem::path& folder) {
  CLIPPATH_TRY(ModelFolder read, read_model_folder(folder, Towers::kBoth));
  ModelInfo info;
  info.card = std::move(read.card);
  info.config = std::move(read.config);
  info.max_text_tokens = read.max_text_tokens;
  CLIPPATH_TRY(const Weights weights, open_model_weights(folder, info.config, info.card));
  const ExpectedTensors expected = expected_tensors(info.config);
  FiniteCheck finite(weights.tensors(), expected);
  CLIPPATH_TRY(info.id,
               compute_identity(folder, info.card, info.config, weights,
                                [&](std::span<const std::uint8_t> part) { finite.look(part); }));
  if (auto checked = finite.finish(); !checked) {
    return fail(checked.error().within(folder.string()));
  }
  for (const auto& part : weights.parts()) info.weights_bytes += part.bytes.size();
  info.weights_type = type_of(weights);
  info.image_parameters = image_parameters(weights, info.config);
  info.text_parameters = text_parameters(weights, info.config);
  return info;
}

}  // namespace clippath
