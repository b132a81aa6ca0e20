// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/json/json.h"
#include "encoder/weights/model_config.h"
#include "encoder/weights/weights_file.h"

namespace clippath {

/// A vision transformer of timm. Its name says how wide a head is; all other sizes, LayerScale,
/// registers and a gated perceptron are read from its tensors, since timm's files leave them to
/// the code that wrote them.
/// @param name    "vit_large_patch16_224"
/// @param prefix  of its tensors' names
/// Fails: kUnsupported for a name that is no ViT with a class token; kInvalidArgument naming a
/// tensor that is missing or has a shape that none of them has.
Result<VisionConfig> timm_vision_config(const std::string& name, const std::string& prefix,
                                        const TensorTable& tensors);

/// timm's own `config.json`, known by its key `architecture`: an image tower alone, whose class
/// token is the embedding.
Result<ModelConfig> parse_timm_config(const Json& json, const TensorTable& tensors);

}  // namespace clippath
