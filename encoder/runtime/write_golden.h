// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "clippath/core/result.h"
#include "encoder/runtime/local_encoder.h"

namespace clippath {

/// Writes the outputs that a model has now for the canary's pictures and texts, with what its
/// towers were given, in the form that compare_golden and compare_golden_texts read.
/// @param encoder  with all its towers, in fp32.
/// Fails: as Encoder and as write_file_durably.
Result<void> write_golden_file(const LocalEncoder& encoder, const std::filesystem::path& path);

}  // namespace clippath
