// SPDX-License-Identifier: Apache-2.0
#include "encoder/weights/architecture.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "encoder/weights/tensor_names.h"

namespace clippath {
namespace {

/// Adds tensors below one prefix. A name that is empty is a part that the family does not have.
class Names {
 public:
  Names(ExpectedTensors& expected, std::string prefix)
      : expected_(expected), prefix_(std::move(prefix)) {}

  [[nodiscard]] Names below(const std::string& name) const {
    return Names(expected_, prefix_ + name);
  }
  void tensor(const std::string& name, TensorShape shape) {
    if (!name.empty()) expected_.emplace(prefix_ + name, std::move(shape));
  }
  void linear(const std::string& name, std::int64_t outputs, std::int64_t inputs) {
    if (name.empty()) return;
    tensor(name + "weight", {outputs, inputs});
    tensor(name + "bias", {outputs});
  }
  void norm(const std::string& name, std::int64_t width) {
    if (name.empty()) return;
    tensor(name + "weight", {width});
    tensor(name + "bias", {width});
  }

 private:
  ExpectedTensors& expected_;
  std::string prefix_;
};

void expect_layers(const TowerConfig& tower, const std::string& layers, const LayerNames& names,
                   bool layer_scale, const Names& all) {
  const std::int64_t width = tower.width;
  const std::int64_t inner = tower.inner_width;
  const bool gated = tower.activation == Activation::kSwiGlu;
  for (std::int64_t i = 0; i < tower.layers; ++i) {
    Names layer = all.below(layers + std::to_string(i) + ".");
    layer.linear(names.query_key_value, 3 * width, width);
    layer.linear(names.query, width, width);
    layer.linear(names.key, width, width);
    layer.linear(names.value, width, width);
    layer.linear(names.attention_output, width, width);
    layer.linear(names.inner, gated ? 2 * inner : inner, width);
    layer.linear(names.outer, width, inner);
    layer.norm(names.attention_norm, width);
    layer.norm(names.perceptron_norm, width);
    if (!layer_scale) continue;
    layer.tensor(names.attention_scale, {width});
    layer.tensor(names.perceptron_scale, {width});
  }
}

void expect_projection(const ProjectionConfig& projection, std::int64_t inputs,
                       ExpectedTensors& expected) {
  for (const ProjectionConfig::Product& product : projection.products) {
    expected[product.name] = projection.from_right ? TensorShape{inputs, product.outputs}
                                                   : TensorShape{product.outputs, inputs};
    inputs = product.outputs;
  }
}

/// A part of pre-training, or one that another way of pooling has.
bool may_be_ignored(std::string_view name) {
  constexpr std::array<std::string_view, 3> kEndings = {"position_ids", "num_batches_tracked",
                                                        "embeddings.mask_token"};
  constexpr std::array<std::string_view, 10> kBeginnings = {"text_model.pooler.",
                                                            "text_model.cls.",
                                                            "pooler.",
                                                            "bert.pooler.",
                                                            "cls.",
                                                            "head.",
                                                            "text.transformer.pooler.",
                                                            "visual.attn_pool_caption.",
                                                            "visual.ln_caption.",
                                                            "text_decoder."};
  return std::any_of(kEndings.begin(), kEndings.end(),
                     [&](std::string_view ending) { return name.ends_with(ending); }) ||
         std::any_of(kBeginnings.begin(), kBeginnings.end(),
                     [&](std::string_view beginning) { return name.starts_with(beginning); });
}

}  // namespace

void expect_vision_tower(const VisionConfig& config, ExpectedTensors& expected) {
  const VisionNames names = names_of(config.family, config.tower.activation);
  const std::int64_t width = config.tower.width;
  const std::int64_t side = config.patch_size;
  const std::int64_t positions = config.positions_before + config.patches();
  Names tower(expected, config.prefix);
  tower.tensor(names.patch + "weight", {width, 3, side, side});
  if (!config.is_clip()) tower.tensor(names.patch + "bias", {width});
  if (names.leading_ones) {
    tower.tensor(names.class_token, {1, 1, width});
    tower.tensor(names.positions, {1, positions, width});
  } else {
    tower.tensor(names.class_token, {width});
    tower.tensor(names.positions, {positions, width});
  }
  if (config.registers > 0) tower.tensor(names.registers, {1, config.registers, width});
  tower.norm(names.first_norm, width);
  expect_layers(config.tower, names.layers, names.layer, config.layer_scale, tower);
  tower.norm(names.last_norm, width);
  if (config.pooler) tower.linear(names.pooler, width, width);
}

void expect_text_tower(const TextConfig& config, ExpectedTensors& expected) {
  const TextNames names = names_of(config.family);
  const std::int64_t width = config.tower.width;
  Names tower(expected, config.prefix);
  tower.tensor(names.words, {config.vocabulary_size, width});
  tower.tensor(names.positions, {config.positions, width});
  tower.tensor(names.token_types, {config.token_types, width});
  tower.norm(names.first_norm, width);
  expect_layers(config.tower, names.layers, names.layer, /*layer_scale=*/false, tower);
  tower.norm(names.last_norm, width);
  if (config.pooling == TextPooling::kPooler) tower.linear(names.pooler, width, width);
  if (config.pooling == TextPooling::kAppended) tower.tensor(names.appended_token, {width});
}

void expect_attentional_pooler(const AttentionalPoolerConfig& config, ExpectedTensors& expected) {
  const AttentionalPoolerNames names = attentional_pooler_names();
  const std::int64_t width = config.width;
  Names pooler(expected, config.prefix);
  pooler.tensor(names.query, {1, width});
  pooler.norm(names.query_norm, width);
  pooler.norm(names.key_norm, config.inputs);
  pooler.tensor(names.query_product, {width, width});
  pooler.tensor(names.key_product, {width, config.inputs});
  pooler.tensor(names.value_product, {width, config.inputs});
  pooler.tensor(names.biases, {3 * width});
  pooler.linear(names.attention_output, width, width);
  pooler.norm(names.last_norm, width);
}

ExpectedTensors expected_tensors(const ModelConfig& config) {
  ExpectedTensors expected;
  if (config.vision) {
    expect_vision_tower(*config.vision, expected);
    if (config.vision_pooler) expect_attentional_pooler(*config.vision_pooler, expected);
    const std::int64_t features =
        config.vision_pooler ? config.vision_pooler->width : config.vision->tower.width;
    expect_projection(config.vision_projection, features, expected);
  }
  if (config.text) {
    expect_text_tower(*config.text, expected);
    expect_projection(config.text_projection, config.text->tower.width, expected);
  }
  if (config.is_dual()) expected[kLogitScaleName] = {};
  return expected;
}

Result<void> check_tensors(const TensorTable& tensors, const ExpectedTensors& expected) {
  for (const auto& [name, shape] : expected) {
    const auto found = tensors.find(name);
    if (found == tensors.end()) {
      return fail(ErrorKind::kInvalidArgument, "tensor " + name + " is missing");
    }
    if (found->second.shape != shape) {
      return fail(ErrorKind::kInvalidArgument, "tensor " + name + " has shape " +
                                                   to_text(found->second.shape) +
                                                   ", the configuration needs " + to_text(shape));
    }
    if (!is_floating(found->second.type)) {
      return fail(ErrorKind::kInvalidArgument, "tensor " + name + " is of type " +
                                                   std::string(to_string(found->second.type)) +
                                                   ", weights must be floating");
    }
  }
  for (const auto& [name, tensor] : tensors) {
    if (!expected.contains(name) && !may_be_ignored(name)) {
      return fail(ErrorKind::kInvalidArgument,
                  "tensor " + name + " is surplus: the configuration has no such part");
    }
  }
  return {};
}

Result<Weights> open_model_weights(const std::filesystem::path& folder, const ModelConfig& config,
                                   const ModelCard& card) {
  if (card.image_size != 0 && config.vision && card.image_size != config.vision->image_size) {
    return fail(ErrorKind::kInvalidArgument,
                (folder / "clippath.json").string() + ": image_size is " +
                    std::to_string(card.image_size) + ", " + config_file_name(folder) + " says " +
                    std::to_string(config.vision->image_size));
  }
  return open_checked_weights(folder, expected_tensors(config));
}

Result<Weights> open_checked_weights(const std::filesystem::path& folder,
                                     const ExpectedTensors& expected) {
  CLIPPATH_TRY(Weights weights, open_weights(folder));
  auto checked = check_tensors(weights.tensors(), expected);
  if (!checked) return fail(checked.error().within(folder.string()));
  return weights;
}

}  // namespace clippath
