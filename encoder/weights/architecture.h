// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "clippath/model_card.h"
#include "encoder/weights/model_config.h"
#include "encoder/weights/model_files.h"

namespace clippath {

/// The tensors that a model must have, by name, with their shapes.
using ExpectedTensors = std::map<std::string, TensorShape, std::less<>>;

void expect_vision_tower(const VisionConfig& config, ExpectedTensors& expected);
void expect_text_tower(const TextConfig& config, ExpectedTensors& expected);
void expect_attentional_pooler(const AttentionalPoolerConfig& config, ExpectedTensors& expected);

/// Of a model with both towers: a scalar.
inline constexpr const char* kLogitScaleName = "logit_scale";

ExpectedTensors expected_tensors(const ModelConfig& config);

/// Compares a file's tensors with the architecture's, both ways. Let through though not expected:
/// `position_ids` and `num_batches_tracked`, poolers that are not used, the mask token of DINOv2,
/// heads of pre-training (`cls.*`, DINO's `head.*`), and what CONCH writes captions with.
/// Fails: kInvalidArgument naming the tensor that is missing, surplus, of the wrong shape or not
/// floating.
Result<void> check_tensors(const TensorTable& tensors, const ExpectedTensors& expected);

/// Opens the weights of a folder and checks their tensors, but not yet their numbers
/// (finite_weights.h). Fails: as open_weights and check_tensors.
Result<Weights> open_checked_weights(const std::filesystem::path& folder,
                                     const ExpectedTensors& expected);

/// The same for a whole model; checks the card's image size against the configuration, too.
Result<Weights> open_model_weights(const std::filesystem::path& folder, const ModelConfig& config,
                                   const ModelCard& card);

}  // namespace clippath
