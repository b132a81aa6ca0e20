// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "clippath/feature_file.h"
#include "core/json/json.h"

namespace clippath::worker {

/// A features file as an answer: its shape and attributes are the body, `coords` and behind them
/// `features` the payload, as they lie in memory.
Json to_json(const FeatureFile& file);
std::vector<std::uint8_t> payload_of(const FeatureFile& file);

/// Reads such an answer as strictly as a stranger's. Fails: kInvalidArgument naming the field.
Result<FeatureFile> feature_file_from(const Json& body, std::span<const std::uint8_t> payload);

}  // namespace clippath::worker
