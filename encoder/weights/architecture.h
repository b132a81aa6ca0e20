// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "clippath/model_card.h"
#include "encoder/weights/model_config.h"
#include "encoder/weights/weights_file.h"

namespace clippath {

/// The tensors that a model must have, by name, with their shapes.
using ExpectedTensors = std::map<std::string, TensorShape, std::less<>>;

/// Adds the tensors of a BERT tower whose names begin with `prefix`.
/// @param pooling  kPooler: the tower's own dense layer is expected too.
void expect_text_tower(const TextConfig& config, TextPooling pooling, const std::string& prefix,
                       ExpectedTensors& expected);

/// Adds the tensors of a vision tower whose names begin with `prefix`.
void expect_vision_tower(const VisionConfig& config, const std::string& prefix,
                         ExpectedTensors& expected);

/// Name prefixes in `VisionTextDualEncoderModel`: a CLIP tower is wrapped there once more.
std::string vision_prefix(VisionKind kind);
inline constexpr std::string_view kTextPrefix = "text_model.";

ExpectedTensors expected_tensors(const ModelConfig& config, TextPooling pooling);

/// Compares a file's tensors with the architecture's, both ways. Let through though not expected:
/// `position_ids` and `num_batches_tracked`, poolers that are not used, and heads of pre-training
/// (`cls.*`, DINO's `head.*`).
/// Fails: kInvalidArgument naming the tensor that is missing, surplus, of the wrong shape or not
/// floating.
Result<void> check_tensors(const TensorTable& tensors, const ExpectedTensors& expected);

/// Opens `model.safetensors` of a folder and checks its tensors. Fails: as open_weights_file and
/// check_tensors; kUnsupported for weights in several files.
Result<WeightsFile> open_checked_weights(const std::filesystem::path& folder,
                                         const ExpectedTensors& expected);

/// The same for a whole model; checks the card's image size against the configuration, too.
Result<WeightsFile> open_model_weights(const std::filesystem::path& folder,
                                       const ModelConfig& config, const ModelCard& card);

}  // namespace clippath
