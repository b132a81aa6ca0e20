// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "clippath/data_folder.h"
#include "clippath/encoder.h"

namespace clippath::cli {

/// A data folder open for writing, with the encoder that its vectors are made with.
struct WritingSession {
  std::unique_ptr<DataFolder> folder;
  std::unique_ptr<const Encoder> encoder;
};

/// Opens the folder and loads the encoder: of `model`, which the folder then keeps, or, where that
/// is empty, the one that the folder has. The model is loaded first, so that a wrong one leaves no
/// new folder behind.
/// @param purpose  told to another process that wants the folder.
/// Fails: as load_encoder and DataFolder::open; kInvalidArgument for a folder without an encoder
/// and no `model`; kFailedPrecondition if the folder has another encoder.
Result<WritingSession> open_for_writing(const std::filesystem::path& data,
                                        const std::filesystem::path& model,
                                        const EncoderOptions& options, const std::string& purpose);

/// The model folder that a data folder keeps. Fails: kInvalidArgument where it has no encoder yet.
Result<std::filesystem::path> kept_model(const DataFolder& folder);

}  // namespace clippath::cli
