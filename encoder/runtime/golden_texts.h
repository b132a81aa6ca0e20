// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>

#include "clippath/core/result.h"
#include "encoder/runtime/agreement.h"
#include "encoder/runtime/local_encoder.h"

namespace clippath {

/// Where a file of golden outputs keeps the texts that its `input_ids` were made of: a list in
/// JSON, an entry of its metadata.
inline constexpr const char* kGoldenTextsKey = "texts";

/// Encodes the texts of a file of golden outputs from their words on, tokenizer included, and
/// compares with its `text_embeds`; empty where the file has no texts.
/// Fails: kInvalidArgument for texts that do not fit the file's tensors, kFailedPrecondition naming
/// the text that got other tokens than it has there; as Encoder.
Result<std::optional<Agreement>> compare_golden_texts(const LocalEncoder& encoder,
                                                      const std::filesystem::path& golden_file);

}  // namespace clippath
