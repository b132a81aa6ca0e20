// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/command.h"
#include "clippath/attention_network.h"
#include "clippath/core/result.h"

namespace clippath::cli {

/// Makes stored patches again from their slides, with the model that the data folder keeps, and
/// prints every step beside what is stored. Without `network` (null) no attention score is made
/// again, and the report says so. Returns 0 if all hold, 1 if none does, 3 otherwise.
/// Fails: as DataFolder::open for reading, and load_encoder; a patch that cannot be made again is
/// printed with its reason.
Result<int> verify_patches(const std::filesystem::path& data, const std::vector<std::string>& ids,
                           const EncoderOptions& options, const AttentionNetwork* network,
                           const Context& context);

}  // namespace clippath::cli
