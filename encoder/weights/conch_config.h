// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/json/json.h"
#include "encoder/weights/model_config.h"

namespace clippath {

/// Whether a `config.json` is a model's of mahmoodlab/CONCH (`model_configs/conch_ViT-B-16.json`):
/// it says how wide its captions are (`embed_dim_caption`).
bool is_conch_config(const Json& json);

/// CONCH (Lu et al. 2024, doi:10.1038/s41591-024-02856-4): a ViT of timm, whose tokens go through
/// an attentional pooler, and a causal text tower with an appended token. What writes captions is
/// left out. Fails: kInvalidArgument naming the key; kUnsupported for what is not computed.
Result<ModelConfig> parse_conch_config(const Json& json);

}  // namespace clippath
