// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "clippath/core/result.h"
#include "clippath/data_folder.h"
#include "clippath/encoder.h"

namespace clippath::cli {

/// Loads a model that a data folder keeps. Fails: as load_encoder; kFailedPrecondition (code
/// encoder_mismatch) if its files are not those that the folder was indexed with.
Result<std::unique_ptr<const Encoder>> load_kept_encoder(const DataFolder& folder,
                                                         const EncoderEntry& known,
                                                         const EncoderOptions& options);

}  // namespace clippath::cli
