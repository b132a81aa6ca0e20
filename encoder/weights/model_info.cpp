// SPDX-License-Identifier: Apache-2.0
#include "encoder/weights/model_info.h"

#include "encoder/weights/architecture.h"
#include "encoder/weights/identity.h"
#include "encoder/weights/weights_file.h"

namespace clippath {

Result<ModelInfo> describe_model(const std::filesystem::path& folder) {
  ModelInfo info;
  CLIPPATH_TRY(info.card, load_model_card(folder));
  CLIPPATH_TRY(info.config, load_model_config(folder));
  CLIPPATH_TRY(info.max_text_tokens, text_token_limit(info.card, info.config.text));
  CLIPPATH_TRY(const WeightsFile weights, open_model_weights(folder, info.config, info.card));
  CLIPPATH_TRY(info.id, compute_identity(folder, info.card, weights.bytes()));
  info.weights_bytes = weights.bytes().size();
  info.weights_type = to_string(weights.find("visual_projection.weight")->type);
  for (const auto& [name, tensor] : weights.tensors()) {
    if (name.starts_with("vision_model.") || name.starts_with("visual_projection."))
      info.image_parameters += tensor.element_count();
    if (name.starts_with("text_model.") || name.starts_with("text_projection."))
      info.text_parameters += tensor.element_count();
  }
  return info;
}

}  // namespace clippath
