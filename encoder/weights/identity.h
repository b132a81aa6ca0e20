// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "clippath/core/ids.h"
#include "clippath/core/result.h"
#include "clippath/model_card.h"

namespace clippath {

/// The identity of the model whose weights file has these bytes; reads the small files of the
/// folder. Do not change the recipe: identities stand in stored data.
///
/// SHA-256 over one line `<name> <sha256 hex>\n` for each of config.json, model.safetensors,
/// preprocessor_config.json, tokenizer_config.json, vocab.txt, then `text_pooling <word>\n` and
/// `max_text_tokens <number>\n`; the first 16 bytes in hex. The line of model.safetensors has
/// SHA-256 over the SHA-256 of every 16 MiB of it: one core alone takes a second for each GB.
/// Fails: kNotFound naming the file.
Result<EncoderId> compute_identity(const std::filesystem::path& folder, const ModelCard& card,
                                   std::span<const std::uint8_t> weights);

/// The same for a network that has pictures alone: the lines of config.json, model.safetensors and
/// preprocessor_config.json. 32 hex digits.
Result<std::string> compute_attention_identity(const std::filesystem::path& folder,
                                               std::span<const std::uint8_t> weights);

}  // namespace clippath
