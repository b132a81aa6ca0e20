// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>

#include "clippath/core/result.h"
#include "clippath/encoder.h"
#include "clippath/model_card.h"
#include "clippath/preprocess.h"
#include "clippath/tokenizer.h"
#include "encoder/weights/model_config.h"

namespace clippath {

/// Everything of a model folder but the weights, read and found to fit together. What belongs to a
/// tower that the model does not have is absent.
struct ModelFolder {
  std::filesystem::path path;
  ModelCard card;
  ModelConfig config;
  std::optional<Preprocessing> preprocessing;
  std::unique_ptr<const Tokenizer> tokenizer;
  std::size_t max_text_tokens = 0;
};

/// @param towers  that will be used: one alone must be there.
/// Fails: as load_model_card, load_model_config, load_preprocessing and load_tokenizer;
/// kInvalidArgument for pictures, token numbers or a limit of tokens that the towers do not take,
/// and for a tower with far more tokens than the tokenizer has: their vocabularies are not the
/// same; kUnsupported for a tower that the model does not have.
Result<ModelFolder> read_model_folder(const std::filesystem::path& path, Towers towers);

}  // namespace clippath
