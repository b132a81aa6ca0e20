// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "clippath/core/result.h"
#include "clippath/search.h"
#include "core/json/json.h"

namespace clippath::cli {

/// How well free wording finds what it means, by kind of paraphrase and over all: share of queries
/// whose right caption is first (`caption_r1`) and among the first five
/// (`caption_r5`) of the folder's captions, by the text tower alone; and the mean share of right
/// patches among the first ten (`patch_p10`). These are the figures of `free_text` in a model's
/// metrics.json.
/// @param path  a JSON list of {"query", "captions", "kind"}.
/// Fails: kInvalidArgument naming the field; what encoding and search fail with.
Result<Json> measure_paraphrases(const std::filesystem::path& path, const QueryEngine& engine);

}  // namespace clippath::cli
