// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>

#include "clippath/core/ids.h"
#include "clippath/core/result.h"
#include "clippath/model_card.h"
#include "encoder/weights/model_config.h"
#include "encoder/weights/model_files.h"

namespace clippath {

/// What else to do with the bytes of weights while they are at hand: called with parts of the
/// files, in any order, from several threads.
using LookAtBytes = std::function<void(std::span<const std::uint8_t>)>;

/// The identity of a model; reads the small files of its folder. Do not change the recipe:
/// identities stand in stored data.
///
/// SHA-256 over one line `<name> <sha256 hex>\n` for each of: the configuration (config.json or
/// open_clip_config.json); the files of weights; preprocessor_config.json, if any; and of a model
/// that reads texts tokenizer_config.json, if any, and vocab.txt, or vocab.json and merges.txt, or
/// tokenizer.json, whichever comes first. Then, of a model that reads texts, `text_pooling
/// <word>\n` and `max_text_tokens <number>\n`, as the card says. The first 16 bytes in hex. The
/// line of a file of weights has SHA-256 over the SHA-256 of every 16 MiB of it: one core alone
/// takes a second for each GB. Fails: kNotFound naming the file.
Result<EncoderId> compute_identity(const std::filesystem::path& folder, const ModelCard& card,
                                   const ModelConfig& config, const Weights& weights,
                                   const LookAtBytes& look = {});

/// The same for a network whose attention is looked at: the lines of config.json, the weights and
/// preprocessor_config.json. 32 hex digits.
Result<std::string> compute_attention_identity(const std::filesystem::path& folder,
                                               const Weights& weights);

}  // namespace clippath
