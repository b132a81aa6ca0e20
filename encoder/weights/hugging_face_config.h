// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/json/json.h"
#include "encoder/weights/model_config.h"
#include "encoder/weights/weights_file.h"

namespace clippath {

// Readers of Hugging Face's `config.json`, one a value of `model_type`. They fail with
// kInvalidArgument naming the key, and kUnsupported for what the towers do not compute.

/// `vision-text-dual-encoder`: a CLIP or ViT image tower and a BERT.
/// @param tensors  tell the prefix of a CLIP tower.
Result<ModelConfig> parse_dual_encoder_config(const Json& json, const TensorTable& tensors);

/// `clip`: `CLIPModel`, OpenAI's and PLIP's.
Result<ModelConfig> parse_clip_config(const Json& json);

/// `bert`: `BertModel`, or one with a head. Pooled by its pooler where it has one, else by the
/// mean.
/// @param tensors  tell the prefix and whether there is a pooler.
Result<ModelConfig> parse_bert_config(const Json& json, const TensorTable& tensors);

/// `vit`, `dino_vit`, `dinov2` and `dinov2_with_registers`: an image tower alone, whose class token
/// is the embedding.
Result<ModelConfig> parse_image_config(const Json& json, const TensorTable& tensors);

/// `vit` or `dino_vit`, without a pooler.
Result<VisionConfig> parse_attention_config(const Json& json);

}  // namespace clippath
