// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/json/json.h"
#include "encoder/weights/model_config.h"
#include "encoder/weights/weights_file.h"

namespace clippath {

/// open_clip's `open_clip_config.json`: its own CLIP towers, or in their place a ViT of timm, a
/// BERT of Hugging Face or both (BiomedCLIP), whose sizes are read from the tensors. A key that is
/// missing means what it means to open_clip.
/// Fails: kInvalidArgument naming the key or tensor; kUnsupported for what the towers do not
/// compute.
Result<ModelConfig> parse_open_clip_config(const Json& json, const TensorTable& tensors);

}  // namespace clippath
