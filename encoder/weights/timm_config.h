// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/json/json.h"
#include "encoder/weights/config_reader.h"
#include "encoder/weights/model_config.h"
#include "encoder/weights/weights_file.h"

namespace clippath {

/// A vision transformer of timm. Its name says how many heads it has; all other sizes, LayerScale,
/// registers, which tokens have positions, and a gated perceptron are read from its tensors, since
/// timm's files leave them to the code that wrote them.
/// @param name       "vit_large_patch16_224"
/// @param arguments  timm's `model_args`; `num_heads` there wins over the name. Of the others only
///                   those are looked at that change the arithmetic without changing a tensor.
/// @param prefix     of its tensors' names
/// Fails: kUnsupported for a name that is no ViT with a class token, or naming an argument that is
/// not understood; kInvalidArgument naming a tensor that is missing or has a shape that none of
/// them has.
Result<VisionConfig> timm_vision_config(const std::string& name, const Json& arguments,
                                        const std::string& prefix, const TensorTable& tensors);

/// Fails the reader unless the key is `token` or, unpooled, empty: of a ViT of timm the class token
/// alone is read. @param fallback  what a missing key means.
void require_token_pool(ConfigReader& reader, const char* key, const std::string& fallback);

/// timm's own `config.json`, known by its key `architecture`: an image tower alone, whose class
/// token is the embedding. Fails: as timm_vision_config; kUnsupported for another `global_pool`;
/// kInvalidArgument where `num_heads` is missing and the tensors have another width than the name
/// or `embed_dim` says.
Result<ModelConfig> parse_timm_config(const Json& json, const TensorTable& tensors);

}  // namespace clippath
