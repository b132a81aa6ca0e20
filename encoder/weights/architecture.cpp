// SPDX-License-Identifier: Apache-2.0
#include "encoder/weights/architecture.h"

#include <algorithm>
#include <array>

namespace clippath {
namespace {

/// Adds tensors below one prefix.
class Names {
 public:
  Names(ExpectedTensors& expected, std::string prefix)
      : expected_(expected), prefix_(std::move(prefix)) {}

  [[nodiscard]] Names below(const std::string& name) const {
    return Names(expected_, prefix_ + name + ".");
  }
  void tensor(const std::string& name, TensorShape shape) {
    expected_.emplace(prefix_ + name, std::move(shape));
  }
  void linear(const std::string& name, std::int64_t outputs, std::int64_t inputs) {
    tensor(name + ".weight", {outputs, inputs});
    tensor(name + ".bias", {outputs});
  }
  void norm(const std::string& name, std::int64_t width) {
    tensor(name + ".weight", {width});
    tensor(name + ".bias", {width});
  }

 private:
  ExpectedTensors& expected_;
  std::string prefix_;
};

void expect_clip_layer(const TowerConfig& tower, Names layer) {
  for (const char* part : {"q_proj", "k_proj", "v_proj", "out_proj"}) {
    layer.below("self_attn").linear(part, tower.width, tower.width);
  }
  layer.norm("layer_norm1", tower.width);
  layer.norm("layer_norm2", tower.width);
  layer.linear("mlp.fc1", tower.inner_width, tower.width);
  layer.linear("mlp.fc2", tower.width, tower.inner_width);
}

void expect_vit_layer(const TowerConfig& tower, Names layer) {
  for (const char* part : {"query", "key", "value"}) {
    layer.below("attention.attention").linear(part, tower.width, tower.width);
  }
  layer.linear("attention.output.dense", tower.width, tower.width);
  layer.norm("layernorm_before", tower.width);
  layer.norm("layernorm_after", tower.width);
  layer.linear("intermediate.dense", tower.inner_width, tower.width);
  layer.linear("output.dense", tower.width, tower.inner_width);
}

void expect_dino_layer(const TowerConfig& tower, Names block) {
  block.norm("norm1", tower.width);
  block.linear("attn.qkv", 3 * tower.width, tower.width);
  block.linear("attn.proj", tower.width, tower.width);
  block.norm("norm2", tower.width);
  block.linear("mlp.fc1", tower.inner_width, tower.width);
  block.linear("mlp.fc2", tower.width, tower.inner_width);
}

void expect_bert_layer(const TowerConfig& tower, Names layer) {
  for (const char* part : {"query", "key", "value"}) {
    layer.below("attention.self").linear(part, tower.width, tower.width);
  }
  layer.linear("attention.output.dense", tower.width, tower.width);
  layer.norm("attention.output.LayerNorm", tower.width);
  layer.linear("intermediate.dense", tower.inner_width, tower.width);
  layer.linear("output.dense", tower.width, tower.inner_width);
  layer.norm("output.LayerNorm", tower.width);
}

bool may_be_ignored(std::string_view name) {
  constexpr std::array<std::string_view, 2> kEndings = {"position_ids", "num_batches_tracked"};
  constexpr std::array<std::string_view, 5> kBeginnings = {"text_model.pooler.", "text_model.cls.",
                                                           "pooler.", "cls.", "head."};
  return std::any_of(kEndings.begin(), kEndings.end(),
                     [&](std::string_view ending) { return name.ends_with(ending); }) ||
         std::any_of(kBeginnings.begin(), kBeginnings.end(),
                     [&](std::string_view beginning) { return name.starts_with(beginning); });
}

}  // namespace

void expect_text_tower(const TextConfig& config, TextPooling pooling, const std::string& prefix,
                       ExpectedTensors& expected) {
  const std::int64_t width = config.tower.width;
  Names tower(expected, prefix);
  Names embeddings = tower.below("embeddings");
  embeddings.tensor("word_embeddings.weight", {config.vocabulary_size, width});
  embeddings.tensor("position_embeddings.weight", {config.positions, width});
  embeddings.tensor("token_type_embeddings.weight", {config.token_types, width});
  embeddings.norm("LayerNorm", width);
  for (std::int64_t i = 0; i < config.tower.layers; ++i) {
    expect_bert_layer(config.tower, tower.below("encoder.layer." + std::to_string(i)));
  }
  if (pooling == TextPooling::kPooler) tower.linear("pooler.dense", width, width);
}

void expect_vision_tower(const VisionConfig& config, const std::string& prefix,
                         ExpectedTensors& expected) {
  const std::int64_t width = config.tower.width;
  const std::int64_t side = config.patch_size;
  Names tower(expected, prefix);
  Names embeddings = tower.below("embeddings");
  switch (config.kind) {
    case VisionKind::kClip:
      embeddings.tensor("class_embedding", {width});
      embeddings.tensor("patch_embedding.weight", {width, 3, side, side});
      embeddings.tensor("position_embedding.weight", {config.patches() + 1, width});
      tower.norm("pre_layrnorm", width);  // the spelling of every released model
      for (std::int64_t i = 0; i < config.tower.layers; ++i) {
        expect_clip_layer(config.tower, tower.below("encoder.layers." + std::to_string(i)));
      }
      tower.norm("post_layernorm", width);
      return;
    case VisionKind::kVit:
      embeddings.tensor("cls_token", {1, 1, width});
      embeddings.tensor("patch_embeddings.projection.weight", {width, 3, side, side});
      embeddings.tensor("patch_embeddings.projection.bias", {width});
      embeddings.tensor("position_embeddings", {1, config.patches() + 1, width});
      for (std::int64_t i = 0; i < config.tower.layers; ++i) {
        expect_vit_layer(config.tower, tower.below("encoder.layer." + std::to_string(i)));
      }
      tower.norm("layernorm", width);
      if (config.pooler) tower.linear("pooler.dense", width, width);
      return;
    case VisionKind::kDino:
      tower.tensor("cls_token", {1, 1, width});
      tower.tensor("patch_embed.proj.weight", {width, 3, side, side});
      tower.tensor("patch_embed.proj.bias", {width});
      tower.tensor("pos_embed", {1, config.patches() + 1, width});
      for (std::int64_t i = 0; i < config.tower.layers; ++i) {
        expect_dino_layer(config.tower, tower.below("blocks." + std::to_string(i)));
      }
      tower.norm("norm", width);
      return;
  }
}

std::string vision_prefix(VisionKind kind) {
  return kind == VisionKind::kClip ? "vision_model.vision_model." : "vision_model.";
}

ExpectedTensors expected_tensors(const ModelConfig& config, TextPooling pooling) {
  ExpectedTensors expected;
  expect_vision_tower(config.vision, vision_prefix(config.vision.kind), expected);
  expect_text_tower(config.text, pooling, std::string(kTextPrefix), expected);
  expected["visual_projection.weight"] = {config.dimension, config.vision.tower.width};
  expected["text_projection.weight"] = {config.dimension, config.text.tower.width};
  expected["logit_scale"] = {};
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

Result<WeightsFile> open_model_weights(const std::filesystem::path& folder,
                                       const ModelConfig& config, const ModelCard& card) {
  if (card.image_size != 0 && card.image_size != config.vision.image_size) {
    return fail(ErrorKind::kInvalidArgument,
                (folder / "clippath.json").string() + ": image_size is " +
                    std::to_string(card.image_size) + ", config.json says " +
                    std::to_string(config.vision.image_size));
  }
  return open_checked_weights(folder, expected_tensors(config, card.text_pooling));
}

Result<WeightsFile> open_checked_weights(const std::filesystem::path& folder,
                                         const ExpectedTensors& expected) {
  const auto path = folder / kWeightsFileName;
  std::error_code error;
  if (!std::filesystem::exists(path, error) &&
      std::filesystem::exists(folder / "model.safetensors.index.json", error)) {
    return fail(ErrorKind::kUnsupported,
                folder.string() + ": weights in several files are not read; merge them into " +
                    kWeightsFileName);
  }
  CLIPPATH_TRY(auto weights, open_weights_file(path));
  auto checked = check_tensors(weights.tensors(), expected);
  if (!checked) return fail(checked.error().within(path.string()));
  return weights;
}

}  // namespace clippath
