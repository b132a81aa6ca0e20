// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "clippath/core/result.h"
#include "encoder/models/dual_encoder.h"

namespace clippath {

/// Least cosine between embeddings stored beside a model and those that `model` computes from the
/// inputs stored there, over the towers that are loaded: `pixel_values` with `image_embeds`,
/// `input_ids` and `attention_mask` with `text_embeds`.
/// Fails: as open_weights_file; kInvalidArgument naming a tensor that is missing or does not fit.
Result<double> golden_cosine(const DualEncoder& model, const std::filesystem::path& golden_file);

}  // namespace clippath
