// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "clippath/core/ids.h"
#include "clippath/core/result.h"
#include "clippath/model_card.h"
#include "encoder/weights/model_config.h"

namespace clippath {

/// What a model folder holds, found without loading it into LibTorch.
struct ModelInfo {
  ModelCard card;
  ModelConfig config;
  EncoderId id;
  std::size_t max_text_tokens = 0;    ///< longer texts are cut; 0: the model reads no texts
  std::string weights_type;           ///< of most numbers, as safetensors spells it: "F16"
  std::int64_t image_parameters = 0;  ///< of the vision tower with its projection
  std::int64_t text_parameters = 0;   ///< of the text tower with its projection, unused parts too
  std::uintmax_t weights_bytes = 0;   ///< of all files of weights
};

/// Checks everything that load_encoder checks before it converts weights. Fails: as load_encoder.
Result<ModelInfo> describe_model(const std::filesystem::path& folder);

}  // namespace clippath
