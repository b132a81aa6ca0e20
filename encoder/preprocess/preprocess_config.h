// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "clippath/preprocess.h"
#include "core/json/json.h"

namespace clippath {

// Each fails with kInvalidArgument naming the key, or kUnsupported for a step that is not done.

/// `preprocessor_config.json`.
Result<Preprocessing> parse_hugging_face_preprocessing(const Json& json);

/// `open_clip_config.json`: `preprocess_cfg`; where it has no size, `image_size` of the image
/// tower; where it has no mean and std, those of CLIP.
Result<Preprocessing> parse_open_clip_preprocessing(const Json& json);

/// `config.json` of CONCH: `image_size` of its image tower, mean and std of CLIP.
Result<Preprocessing> parse_conch_preprocessing(const Json& json);

/// `config.json` of timm: `pretrained_cfg`.
Result<Preprocessing> parse_timm_preprocessing(const Json& json);

}  // namespace clippath
