// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "clippath/core/result.h"
#include "encoder/models/dual_encoder.h"
#include "encoder/runtime/agreement.h"

namespace clippath {

/// Compares embeddings stored beside a model with those that `model` computes from the inputs
/// stored there: `pixel_values` with `image_embeds`, `input_ids` and `attention_mask` with
/// `text_embeds`. Lengths of vectors do not matter.
/// Fails: as open_weights_file; kInvalidArgument naming a tensor that is missing or does not fit.
Result<TowerAgreement> compare_golden(const DualEncoder& model,
                                      const std::filesystem::path& golden_file);

}  // namespace clippath
